//! Links between our pages.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use neurostore_gate::workspace;

/// Every page that is tracked.
fn pages(root: &Path) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "*.md"])
        .output()
        .expect("git runs");
    assert!(listed.status.success());
    let text = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    text.lines()
        .map(|line| root.join(line))
        .filter(|page| page.exists())
        .collect()
}

/// Targets of links, `[text](target)`, outside of code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        for part in line.split("](").skip(1) {
            if let Some((target, _)) = part.split_once(')') {
                found.push(target.to_owned());
            }
        }
    }
    found
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-' || *c == '_')
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_link_between_our_pages_leads_somewhere() {
    let root = workspace().unwrap().root;
    let mut wrong = Vec::new();
    for page in pages(&root) {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") || link.contains("::") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() {
                page.clone()
            } else {
                page.parent().unwrap().join(path)
            };
            let from = page.strip_prefix(&root).unwrap().display();
            if !target.exists() {
                // Crate READMEs are rustdoc as well: a link may name an item.
                let is_item = path.chars().all(|c| c.is_alphanumeric() || c == '_');
                if !is_item {
                    wrong.push(format!("{from}: {link}"));
                }
                continue;
            }
            if !heading.is_empty() && target.extension().is_some_and(|e| e == "md") {
                let text = fs::read_to_string(&target).unwrap();
                let has = text
                    .lines()
                    .any(|l| l.starts_with('#') && anchor(l) == heading);
                if !has {
                    wrong.push(format!("{from}: {link}: no such heading"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
