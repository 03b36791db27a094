//! Every public method of the types that programs call has an example in its docs.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use neurostore_gate::workspace;
use syn::{visit::Visit, Attribute, ItemImpl, Visibility};

/// The crate that programs add.
const CRATE: &str = "neurostore-client";
/// Its types whose methods they call.
const TYPES: &[&str] = &["Client", "Object", "ObjectReader", "PutOptions", "Spool"];

/// Public methods by type, with or without an example: `Client::put`.
#[derive(Default)]
struct Methods {
    with: BTreeSet<String>,
    without: BTreeSet<String>,
}

impl Methods {
    fn read(&mut self, text: &str) -> syn::Result<()> {
        self.visit_file(&syn::parse_file(text)?);
        Ok(())
    }

    fn has_any_of(&self, name: &str) -> bool {
        let mut all = self.with.iter().chain(&self.without);
        all.any(|method| method.starts_with(&format!("{name}::")))
    }
}

impl<'ast> Visit<'ast> for Methods {
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let syn::Type::Path(of) = &*item.self_ty else {
            return;
        };
        let Some(name) = of.path.segments.last().map(|s| s.ident.to_string()) else {
            return;
        };
        if item.trait_.is_some() || !TYPES.contains(&name.as_str()) {
            return;
        }
        for method in &item.items {
            let syn::ImplItem::Fn(method) = method else {
                continue;
            };
            if matches!(method.vis, Visibility::Public(_)) {
                let list = if has_example(&docs(&method.attrs)) {
                    &mut self.with
                } else {
                    &mut self.without
                };
                list.insert(format!("{name}::{}", method.sig.ident));
            }
        }
    }
}

/// The documentation that stands in these attributes.
fn docs(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("doc")) {
        if let syn::Meta::NameValue(syn::MetaNameValue {
            value:
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(line),
                    ..
                }),
            ..
        }) = &attribute.meta
        {
            text += line.value().trim();
        }
        text.push('\n');
    }
    text
}

/// Whether a block of code in it is Rust that `cargo test --doc` compiles.
fn has_example(docs: &str) -> bool {
    let fences = docs.lines().filter_map(|line| line.strip_prefix("```"));
    let mut beginnings = fences.step_by(2);
    beginnings.any(|words| {
        let compiled = ["", "rust", "no_run", "should_panic"];
        words.split(',').all(|word| compiled.contains(&word.trim()))
    })
}

/// The Rust files in a folder and below it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_public_method_that_programs_call_has_an_example() {
    let workspace = workspace().unwrap();
    let mut crates = workspace.crates.iter();
    let client = crates.find(|member| member.name == CRATE).unwrap();
    let mut methods = Methods::default();
    for file in sources(&workspace.root.join(&client.folder).join("src")) {
        methods.read(&fs::read_to_string(file).unwrap()).unwrap();
    }
    let mut wrong: Vec<String> = methods
        .without
        .iter()
        .map(|method| format!("{method} has no example in its docs"))
        .collect();
    for name in TYPES.iter().filter(|name| !methods.has_any_of(name)) {
        wrong.push(format!("{name} has no public method: the list is idle"));
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_method_without_a_block_that_is_compiled_is_named() {
    let mut methods = Methods::default();
    let text = "
        impl Client {
            /// Has one.
            ///
            /// ```no_run
            /// go();
            /// ```
            pub fn good(&self) {}
            /// Has none.
            pub async fn bare(&self) {}
            /// ```text
            /// a drawing
            /// ```
            pub fn drawn(&self) {}
            /// ```ignore
            /// go();
            /// ```
            pub fn ignored(&self) {}
            pub(crate) fn inner(&self) {}
        }
        impl Clone for Client { fn clone(&self) -> Self { todo!() } }
        impl Other { pub fn other(&self) {} }
    ";
    methods.read(text).unwrap();
    let without: Vec<&str> = methods.without.iter().map(String::as_str).collect();
    assert_eq!(
        without,
        ["Client::bare", "Client::drawn", "Client::ignored"]
    );
    assert!(methods.with.contains("Client::good") && methods.with.len() == 1);
}
