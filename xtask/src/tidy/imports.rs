//! The imports of each file of a crate from the others, read from its `use` declarations and its
//! paths that begin with `crate::`.
//!
//! A name that a `mod.rs` or `lib.rs` re-exports counts as used where it is defined: a front door
//! depends on nobody, and nobody on it. A child that uses what its parent's file defines depends
//! on the parent.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context as _, Result};

/// A re-export of a re-export is followed no further than this.
const DOORS_MAX: usize = 8;

/// By file, e.g. `gate/mod.rs`, the files that it uses.
pub(super) type Uses = BTreeMap<String, BTreeSet<String>>;

type Segments = Vec<String>;

#[derive(Debug)]
struct Module {
    file: String,
    /// The paths that it uses.
    used: Vec<Segments>,
    /// By name, what it re-exports.
    doors: BTreeMap<String, Segments>,
}

/// # Errors
/// When a file cannot be read.
pub(super) fn read(sources: &Path) -> Result<Uses> {
    let mut texts = Vec::new();
    for path in super::files(sources, "rs")? {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let name = path.strip_prefix(sources).unwrap_or(&path).display().to_string();
        texts.push((name, text));
    }
    Ok(uses_of(&texts))
}

fn uses_of(texts: &[(String, String)]) -> Uses {
    let paths: BTreeSet<_> = texts.iter().map(|(file, _)| module_of(file)).collect();
    let modules: BTreeMap<_, _> = texts
        .iter()
        .map(|(file, text)| (module_of(file), read_module(file, text, &paths)))
        .collect();
    let found = |module: &Module| {
        let targets = module.used.iter().filter_map(|path| resolve(&modules, path, DOORS_MAX));
        targets.filter(|file| *file != module.file).collect()
    };
    let files = modules.values().filter(|module| module.file != "lib.rs");
    files.map(|module| (module.file.clone(), found(module))).collect()
}

fn module_of(file: &str) -> Segments {
    let path = file.trim_end_matches(".rs");
    let named = path.split('/').filter(|part| *part != "mod" && *part != "lib");
    named.map(str::to_owned).collect()
}

fn read_module(file: &str, text: &str, modules: &BTreeSet<Segments>) -> Module {
    let own = module_of(file);
    let code = production(text);
    let mut module = Module { file: file.to_owned(), used: Vec::new(), doors: BTreeMap::new() };
    for declaration in declarations(&code) {
        let (is_public, tree) = declaration;
        for (path, name) in expand(&tree) {
            let Some(path) = absolute(&own, &path, modules) else { continue };
            if is_public {
                module.doors.insert(name, path);
            } else {
                module.used.push(path);
            }
        }
    }
    module.used.extend(inline_paths(&code));
    module
}

/// Without comments, and without what is compiled for tests only.
pub(super) fn production(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or(text);
    text.lines().map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Every `use`, and whether it is a re-export.
fn declarations(code: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    for statement in code.split(';') {
        let line = statement.lines().position(|line| {
            let line = line.trim_start();
            line.starts_with("use ") || (line.starts_with("pub") && line.contains(" use "))
        });
        let Some(first) = line else { continue };
        let text = statement.lines().skip(first).collect::<Vec<_>>().join(" ");
        let Some((before, tree)) = text.split_once("use ") else { continue };
        found.push((before.contains("pub"), tree.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    found
}

/// The paths of a tree such as `a::{b, c::{self, d as e}}`, each with the name that it brings.
fn expand(tree: &str) -> Vec<(Segments, String)> {
    let tree = tree.trim();
    let Some((prefix, rest)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
        let parts = segments(path);
        let last = parts.last().cloned().unwrap_or_default();
        let name = if alias.is_empty() { last } else { alias.trim().to_owned() };
        return vec![(parts, name)];
    };
    let inner = rest.trim().strip_suffix('}').unwrap_or(rest);
    let prefix = segments(prefix);
    let mut found = Vec::new();
    for part in split_outside_braces(inner) {
        for (path, name) in expand(&part) {
            let path: Segments = prefix.iter().cloned().chain(path).collect();
            found.push((path, name));
        }
    }
    found
}

fn segments(path: &str) -> Segments {
    path.split("::").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn split_outside_braces(text: &str) -> Vec<String> {
    let (mut depth, mut parts, mut part) = (0_usize, Vec::new(), String::new());
    for letter in text.chars() {
        match letter {
            '{' => depth = depth.saturating_add(1),
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => (),
        }
        part.push(letter);
    }
    parts.push(part);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// From the crate's root, or `None` for another crate's.
fn absolute(own: &[String], path: &[String], modules: &BTreeSet<Segments>) -> Option<Segments> {
    let (first, rest) = path.split_first()?;
    let mut base = match first.as_str() {
        "crate" => Vec::new(),
        "self" | "super" => own.to_vec(),
        _ => {
            let child = own.iter().chain([first]).cloned().collect::<Vec<_>>();
            return modules.contains(&child).then(|| own.iter().chain(path).cloned().collect());
        }
    };
    if first == "super" {
        base.pop();
    }
    for segment in rest {
        match segment.as_str() {
            "super" => drop(base.pop()),
            "self" => (),
            _ => base.push(segment.clone()),
        }
    }
    Some(base)
}

fn inline_paths(code: &str) -> Vec<Segments> {
    let is_of_path = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let after = code.split("crate::").skip(1);
    let paths = after.map(|rest| rest.split(|letter| !is_of_path(letter)).next().unwrap_or(rest));
    // A tree that begins here was read as a declaration.
    paths.filter(|path| !path.is_empty() && !path.ends_with("::")).map(segments).collect()
}

/// The file that defines what a path names.
fn resolve(
    modules: &BTreeMap<Segments, Module>,
    path: &[String],
    doors_left: usize,
) -> Option<String> {
    let known = (0..=path.len()).rev().find_map(|length| {
        let (module, rest) = path.split_at_checked(length)?;
        Some((modules.get(module)?, rest))
    });
    let (module, rest) = known?;
    let door = rest.split_first().and_then(|(name, after)| Some((module.doors.get(name)?, after)));
    match door {
        Some((target, after)) if doors_left > 0 => {
            let path: Segments = target.iter().chain(after).cloned().collect();
            resolve(modules, &path, doors_left.saturating_sub(1))
        }
        _ => (module.file != "lib.rs").then(|| module.file.clone()),
    }
}

/// A circle of files, the first once more at its end; `None` where there is no circle.
pub(super) fn circle(uses: &Uses) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    uses.keys().find_map(|file| circle_from(uses, file, &mut Vec::new(), &mut done))
}

fn circle_from<'a>(
    uses: &'a Uses,
    file: &'a str,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<String>> {
    if let Some(begin) = way.iter().position(|seen| *seen == file) {
        let round = way.iter().skip(begin).chain([&file]);
        return Some(round.map(|file| (*file).to_owned()).collect());
    }
    if done.contains(file) {
        return None;
    }
    way.push(file);
    let targets = uses.get(file).into_iter().flatten();
    for target in targets {
        if let Some(found) = circle_from(uses, target, way, done) {
            return Some(found);
        }
    }
    way.pop();
    done.insert(file);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(texts: &[(&str, &str)]) -> Uses {
        let owned = |(file, text): &(&str, &str)| ((*file).to_owned(), (*text).to_owned());
        uses_of(&texts.iter().map(owned).collect::<Vec<_>>())
    }

    fn of<'a>(uses: &'a Uses, file: &str) -> Vec<&'a str> {
        uses.get(file).into_iter().flatten().map(String::as_str).collect()
    }

    #[test]
    fn nested_trees_and_paths_in_code_are_read() {
        let uses = uses(&[
            ("a.rs", "use crate::{\n    b::B, // of b\n    c::{self, d::{D, E as F}},\n};\n"),
            ("b.rs", "fn f(_: &crate::c::C) {}\n//! [`crate::a`]\nuse std::fmt;\n"),
            ("c/mod.rs", "mod d;\n#[cfg(test)]\nuse crate::a::A;"),
            ("c/d.rs", "pub(crate) struct D;"),
        ]);
        assert_eq!(of(&uses, "a.rs"), ["b.rs", "c/d.rs", "c/mod.rs"]);
        assert_eq!(of(&uses, "b.rs"), ["c/mod.rs"]);
        assert!(of(&uses, "c/mod.rs").is_empty(), "tests may use anything");
        assert_eq!(circle(&uses), None);
    }

    #[test]
    fn what_a_front_door_re_exports_is_used_where_it_is_defined() {
        let uses = uses(&[
            ("lib.rs", "mod a;\npub mod c;\npub use c::{D};\n"),
            ("a.rs", "use crate::{c::D, D as E};"),
            ("c/mod.rs", "mod d;\npub use self::{\n    d::{D, G},\n};\nfn helps() {}"),
            ("c/d.rs", "use super::{helps, G};"),
        ]);
        assert_eq!(of(&uses, "a.rs"), ["c/d.rs"]);
        assert_eq!(of(&uses, "c/d.rs"), ["c/mod.rs"], "a child uses its parent's own");
        assert_eq!(circle(&uses), None, "the door does not use its child");
    }

    #[test]
    fn a_circle_is_found_and_told_in_order() {
        let uses = uses(&[
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::c::d::D;"),
            ("c/mod.rs", "use self::d::D;"),
            ("c/d.rs", "use crate::a::A;"),
        ]);
        let told = circle(&uses).unwrap_or_default();
        assert_eq!(told, ["a.rs", "b.rs", "c/d.rs", "a.rs"]);
    }
}
