//! Which paths a piece of Rust names: `use` trees, paths of types and expressions, and what stands
//! in the arguments of macros.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    visit::{self, Visit},
    Attribute, Item, UseTree,
};

/// What an item names.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Paths, as they are written.
    pub(crate) paths: Vec<Vec<String>>,
}

impl Names {
    pub(crate) fn of(item: &Item) -> Self {
        let mut names = Self::default();
        names.visit_item(item);
        names
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        for (path, _) in leaves(&item.tree) {
            self.paths.push(path);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|s| s.ident.to_string());
        self.paths.push(segments.collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        scan(call.tokens.clone(), &mut self.paths);
        visit::visit_macro(self, call);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

/// The paths of a `use` tree, each with the name under which it is known from then on; `None` for
/// a glob.
pub(crate) fn leaves(tree: &UseTree) -> Vec<(Vec<String>, Option<String>)> {
    let mut found = Vec::new();
    collect(tree, &mut Vec::new(), &mut found);
    found
}

fn collect(
    tree: &UseTree,
    before: &mut Vec<String>,
    found: &mut Vec<(Vec<String>, Option<String>)>,
) {
    let with = |name: &syn::Ident, before: &[String]| {
        let mut path = before.to_vec();
        // `use a::{self}` names `a`.
        if name != "self" || path.is_empty() {
            path.push(name.to_string());
        }
        path
    };
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            collect(&path.tree, before, found);
            before.pop();
        }
        UseTree::Name(name) => {
            let path = with(&name.ident, before);
            let known = path.last().cloned();
            found.push((path, known));
        }
        UseTree::Rename(renamed) => {
            found.push((
                with(&renamed.ident, before),
                Some(renamed.rename.to_string()),
            ));
        }
        UseTree::Glob(_) => found.push((before.clone(), None)),
        UseTree::Group(group) => {
            for tree in &group.items {
                collect(tree, before, found);
            }
        }
    }
}

/// Paths that begin with `crate` or `super` in the arguments of a macro.
fn scan(tokens: TokenStream, paths: &mut Vec<Vec<String>>) {
    let mut current: Vec<String> = Vec::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                if colons != 2 {
                    keep(&mut current, paths);
                }
                current.push(name.to_string());
                colons = 0;
            }
            TokenTree::Punct(point) if point.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                keep(&mut current, paths);
                scan(group.stream(), paths);
                colons = 0;
            }
            _ => {
                keep(&mut current, paths);
                colons = 0;
            }
        }
    }
    keep(&mut current, paths);
}

fn keep(current: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let begins = current.first().map(String::as_str);
    if current.len() > 1 && matches!(begins, Some("crate" | "super" | "self")) {
        paths.push(std::mem::take(current));
    } else {
        current.clear();
    }
}

/// Whether what has these attributes exists in tests only.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return attribute.path().is_ident("test");
        };
        list.path.is_ident("cfg") && {
            let text = list.tokens.to_string();
            text.split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == "test")
                && !text.contains("not")
        }
    })
}

pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
