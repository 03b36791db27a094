//! No two modules of a crate that stand side by side use each other in a circle.

use neurostore_gate::{circles, workspace, ModuleTree};

/// Circles that stand for now, each with the reason. An entry that is none any more fails the test
/// as a new circle does: the list only gets shorter.
const STANDING: &[(&str, &str, &str)] = &[];

#[test]
fn no_modules_of_a_crate_use_each_other_in_a_circle() {
    let workspace = workspace().unwrap();
    let mut found = Vec::new();
    for member in &workspace.crates {
        for target in &member.targets {
            let tree = ModuleTree::read(&target.file).unwrap();
            for circle in circles(&tree) {
                let place = [member.name.as_str(), circle.parent.as_str()];
                let place = place.join("::").trim_end_matches(':').to_owned();
                found.push((place, circle.modules.join(", "), circle.because));
            }
        }
    }
    let mut wrong = String::new();
    for (place, modules, because) in &found {
        if !STANDING.iter().any(|(p, m, _)| p == place && m == modules) {
            wrong += &format!(
                "{place}: a circle of {modules}\n    {}\n",
                because.join("\n    ")
            );
        }
    }
    for (place, modules, _) in STANDING {
        if !found.iter().any(|(p, m, _)| p == place && m == modules) {
            wrong += &format!("{place}: {modules} is no circle any more, take it off the list\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
