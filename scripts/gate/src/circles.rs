//! Circles between modules that stand side by side.

use std::collections::{BTreeMap, BTreeSet};

use crate::modules::ModuleTree;

/// Modules with one parent that all lead to each other by what they use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Circle {
    /// Where they stand: the parent's names below the crate's root.
    pub parent: String,
    /// Their names, in order.
    pub modules: Vec<String>,
    /// One example of each use between them: `store::health uses context`.
    pub because: Vec<String>,
}

/// The circles of a crate. What a module's own submodules use counts as its own; what parent and
/// child use of each other does not count.
pub fn circles(tree: &ModuleTree) -> Vec<Circle> {
    // For each parent: which child leads to which, with an example.
    let mut levels: BTreeMap<Vec<String>, BTreeMap<(String, String), String>> = BTreeMap::new();
    for (from, to) in tree.uses() {
        let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let (Some(a), Some(b)) = (from.get(common), to.get(common)) else {
            continue;
        };
        let parent = from.iter().take(common).cloned().collect();
        let example = format!("{} uses {}", from.join("::"), to.join("::"));
        let level = levels.entry(parent).or_default();
        level.entry((a.clone(), b.clone())).or_insert(example);
    }
    let mut found = Vec::new();
    for (parent, edges) in levels {
        for modules in mutual(&edges) {
            let inside = |name: &String| modules.contains(name);
            let because = edges
                .iter()
                .filter(|((a, b), _)| inside(a) && inside(b))
                .map(|(_, example)| example.clone())
                .collect();
            found.push(Circle {
                parent: parent.join("::"),
                modules: modules.into_iter().collect(),
                because,
            });
        }
    }
    found.sort();
    found
}

/// Groups of names that all reach each other. The graphs are small: what each reaches is computed
/// by walking.
fn mutual(edges: &BTreeMap<(String, String), String>) -> Vec<BTreeSet<String>> {
    let names: BTreeSet<&String> = edges.keys().flat_map(|(a, b)| [a, b]).collect();
    let reached = |start: &String| {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![start];
        while let Some(name) = waiting.pop() {
            for (_, next) in edges.keys().filter(|(from, _)| from == name) {
                if seen.insert(next.clone()) {
                    waiting.push(next);
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<String>> =
        names.iter().map(|name| (*name, reached(name))).collect();
    let leads = |a: &String, b: &String| reach.get(a).is_some_and(|seen| seen.contains(b));
    let mut groups: Vec<BTreeSet<String>> = Vec::new();
    for name in &names {
        let group: BTreeSet<String> = names
            .iter()
            .filter(|other| leads(name, other) && leads(other, name))
            .map(|other| (*other).clone())
            .collect();
        if group.len() > 1 && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    fn tree(files: &[(&str, &str)]) -> ModuleTree {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        ModuleTree::read(&folder.path().join(Path::new("lib.rs"))).unwrap()
    }

    #[test]
    fn two_files_that_name_each_other_are_a_circle() {
        let tree = tree(&[
            ("lib.rs", "mod cut; mod index;"),
            (
                "cut.rs",
                "use crate::index::Index; pub fn cut() -> Index { Index }",
            ),
            (
                "index.rs",
                "pub struct Index; pub fn x() { super::cut::cut(); }",
            ),
        ]);
        let found = circles(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].modules, ["cut", "index"]);
        assert_eq!(found[0].because, ["cut uses index", "index uses cut"]);
    }

    #[test]
    fn a_circle_is_seen_through_folders_names_made_known_by_the_root_and_macros() {
        let tree = tree(&[
            (
                "lib.rs",
                "mod a; mod b; pub use b::*; pub use a::inner::Deep as D;",
            ),
            ("a.rs", "pub mod inner;"),
            (
                "a/inner.rs",
                "pub struct Deep; use crate::Thing; fn f(_: Thing) {}",
            ),
            (
                "b.rs",
                "pub struct Thing; fn g() { println!(\"{:?}\", crate::D); }",
            ),
        ]);
        assert_eq!(circles(&tree)[0].modules, ["a", "b"]);
    }

    #[test]
    fn what_only_tests_use_and_what_a_parent_shares_with_its_child_is_no_circle() {
        let tree = tree(&[
            ("lib.rs", "mod a; mod b; pub struct Root;"),
            (
                "a.rs",
                "use crate::{Root, b::B}; mod child; pub struct A(Root, B, child::C);",
            ),
            ("a/child.rs", "use super::A; pub struct C; fn f(_: &A) {}"),
            (
                "b.rs",
                "pub struct B; #[cfg(test)] mod tests { use crate::a::A; fn f(_: A) {} }",
            ),
        ]);
        assert_eq!(circles(&tree), []);
    }
}
