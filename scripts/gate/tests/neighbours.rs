//! Who may know whom: the tables in `docs/architecture.md` against what the manifests say.

use std::{collections::BTreeSet, fs};

use neurostore_gate::{rows, workspace, Workspace};

fn page(workspace: &Workspace) -> String {
    fs::read_to_string(workspace.root.join("docs/architecture.md")).expect("the page is there")
}

fn list(cell: &str) -> BTreeSet<String> {
    let names = cell.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty() && *name != "-")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_crate_knows_exactly_the_neighbours_that_the_drawing_gives_it() {
    let workspace = workspace().unwrap();
    let table = rows(&page(&workspace), "neighbours").unwrap();
    let ours: BTreeSet<&str> = workspace.crates.iter().map(|c| c.name.as_str()).collect();
    let only_ours = |names: &BTreeSet<String>| -> BTreeSet<String> {
        names
            .iter()
            .filter(|n| ours.contains(n.as_str()))
            .cloned()
            .collect()
    };
    let mut wrong = Vec::new();
    for member in &workspace.crates {
        let Some(row) = table.iter().find(|row| row[0] == member.name) else {
            wrong.push(format!("{} has no row", member.name));
            continue;
        };
        let folder = row[1].trim_end_matches('/');
        if member.folder != std::path::Path::new(folder) {
            wrong.push(format!("{} is in {}", member.name, member.folder.display()));
        }
        let always = only_ours(&member.knows);
        let mut in_tests = only_ours(&member.knows_in_tests);
        in_tests.retain(|name| !always.contains(name) && *name != member.name);
        for (what, is, may) in [
            ("", always, list(&row[2])),
            (" in tests", in_tests, list(&row[3])),
        ] {
            for name in is.difference(&may) {
                wrong.push(format!("{} may not know {name}{what}", member.name));
            }
            for name in may.difference(&is) {
                wrong.push(format!("{} does not know {name}{what}", member.name));
            }
        }
    }
    for row in table.iter().filter(|row| !ours.contains(row[0].as_str())) {
        wrong.push(format!("there is no crate {}", row[0]));
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn guarded_libraries_are_known_only_where_the_table_says() {
    let workspace = workspace().unwrap();
    let mut wrong = Vec::new();
    for row in rows(&page(&workspace), "guarded").unwrap() {
        let allowed = list(&row[1]);
        for library in list(&row[0]) {
            for member in &workspace.crates {
                let known = member.knows.contains(&library);
                if (known || member.knows_in_tests.contains(&library))
                    && !allowed.contains(&member.name)
                {
                    wrong.push(format!("{} may not know {library}", member.name));
                }
            }
            let used = |c: &neurostore_gate::Crate| c.knows.contains(&library);
            if !allowed.is_empty() && !workspace.crates.iter().any(used) {
                wrong.push(format!("nobody knows {library}: the row is idle"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
