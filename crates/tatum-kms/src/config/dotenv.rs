//! `.env` files, read as version 16 of the npm package dotenv reads them, with which the original
//! does. Its grammar is one regular expression with JavaScript's ideas of white space and of line
//! ends; the places where it has to try again are few, and are followed here one by one.
//! `vectors/dotenv.json` has what the library itself makes of many files.

use std::collections::HashMap;

use zeroize::Zeroizing;

/// A variable of a file.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) value: Zeroizing<String>,
    /// From 1.
    pub(super) line: usize,
}

/// The variables of a file whose lines end in line feeds, in its order. The last of several
/// definitions of a name counts. Other lines are skipped, as in the library.
pub(super) fn parse(text: &str) -> Vec<Entry<'_>> {
    let (mut entries, mut rest, mut line) = (Vec::new(), text, 1_usize);
    loop {
        let start = skip_spaces(rest);
        line = line.saturating_add(line_feeds(rest, start));
        rest = match read_entry(start) {
            Some((name, value, after)) => {
                entries.push(Entry { name, value: clean(value), line });
                line = line.saturating_add(line_feeds(start, after));
                after
            }
            None => match start.find(ends_line) {
                Some(end) => start.get(end..).unwrap_or_default(),
                None => return entries,
            },
        };
    }
}

/// Line ends from the start of a text to a rest of it.
fn line_feeds(text: &str, rest: &str) -> usize {
    before(text, rest).matches('\n').count()
}

/// The text without a rest of it.
fn before<'a>(text: &'a str, rest: &str) -> &'a str {
    split(text, text.len().saturating_sub(rest.len())).0
}

/// The text with the line ends that [`parse`] wants.
pub(super) fn with_line_feeds(text: &str) -> Zeroizing<String> {
    let without_pairs = Zeroizing::new(text.replace("\r\n", "\n"));
    Zeroizing::new(without_pairs.replace('\r', "\n"))
}

/// The lines of variables that this program, before it had this grammar, read with another value:
/// it used dotenvy, which expands `$`, reads `\` as an escape, wants white space before a comment
/// and takes the first of two of a name. A file that it refused was never read otherwise.
pub(super) fn lines_read_otherwise(text: &str, entries: &[Entry<'_>]) -> Vec<usize> {
    let mut before = HashMap::new();
    for variable in dotenvy::from_read_iter(text.as_bytes()) {
        let Ok((name, value)) = variable else { return Vec::new() };
        let value = Zeroizing::new(value);
        before.entry(name).or_insert(value);
    }
    let mut now: HashMap<&str, &Entry<'_>> = HashMap::new();
    for entry in entries {
        now.insert(entry.name, entry);
    }
    let differs = |entry: &&&Entry<'_>| {
        before.get(entry.name).is_some_and(|value| value.as_str() != entry.value.as_str())
    };
    let mut lines: Vec<_> = now.values().filter(differs).map(|entry| entry.line).collect();
    lines.sort_unstable();
    lines
}

/// JavaScript's `\s`.
const fn is_space(letter: char) -> bool {
    matches!(
        letter,
        '\t'..='\r'
            | ' '
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
            | '\u{feff}'
    )
}

/// JavaScript's ends of lines, which are white space too.
const fn ends_line(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

fn skip_spaces(text: &str) -> &str {
    text.trim_start_matches(is_space)
}

/// Name, value as it is written, and what follows.
fn read_entry(text: &str) -> Option<(&str, &str, &str)> {
    let exported = text.strip_prefix("export").filter(|rest| rest.starts_with(is_space));
    // A variable may be called `export` itself.
    exported.map(skip_spaces).and_then(read_assignment).or_else(|| read_assignment(text))
}

/// `NAME = value` or `NAME: value`. Both may go on after a line end.
fn read_assignment(text: &str) -> Option<(&str, &str, &str)> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let rest = text.trim_start_matches(is_of_name);
    let name = Some(before(text, rest)).filter(|name| !name.is_empty())?;
    let after = match skip_spaces(rest).strip_prefix('=') {
        Some(after) => after,
        None => rest.strip_prefix(':').and_then(|after| after.strip_prefix(is_space))?,
    };
    let (value, rest) = read_value(after);
    Some((name, value, rest))
}

/// A value in quotes, if nothing but a comment follows its closing one; otherwise all up to a `#`
/// or the line's end.
fn read_value(text: &str) -> (&str, &str) {
    if let Some(found) = read_quoted(skip_spaces(text)) {
        return found;
    }
    let (value, rest) = split(text, text.find(['#', '\n', '\r']).unwrap_or(text.len()));
    (value, read_line_end(rest).unwrap_or(rest))
}

fn read_quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|letter| is_quote(*letter))?;
    let body = text.strip_prefix(quote)?;
    // The first quote that no backslash escapes closes the value. If more follows it than a
    // comment, an escaped one before it may close instead, the last one first.
    let mut closing = Vec::new();
    for (at, _) in body.match_indices(quote) {
        closing.push(at);
        if !body.get(..at).is_some_and(|before| before.ends_with('\\')) {
            break;
        }
    }
    closing.into_iter().rev().find_map(|at| {
        let (value, rest) = split(text, at.saturating_add(2));
        Some((value, read_line_end(rest)?))
    })
}

const fn is_quote(letter: char) -> bool {
    matches!(letter, '\'' | '"' | '`')
}

/// Skips what may follow a value up to the end of its line: white space, which may span lines, and
/// a comment.
fn read_line_end(text: &str) -> Option<&str> {
    let after = skip_spaces(text);
    if after.starts_with('#') {
        return Some(split(after, after.find(ends_line).unwrap_or(after.len())).1);
    }
    if after.is_empty() {
        return Some(after);
    }
    Some(split(text, before(text, after).rfind(ends_line)?).1)
}

/// The positions found here are always character boundaries.
fn split(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// The value without white space around it and without its quotes. In double quotes `\n` and `\r`
/// are line ends; nothing else is an escape, and nothing is expanded.
fn clean(value: &str) -> Zeroizing<String> {
    let value = value.trim_matches(is_space);
    let bare = unquote(value);
    if !value.starts_with('"') {
        return bare;
    }
    let bare = Zeroizing::new(bare.replace("\\n", "\n"));
    Zeroizing::new(bare.replace("\\r", "\r"))
}

/// Takes off each pair of quotes of which one begins a line and the other ends one.
fn unquote(value: &str) -> Zeroizing<String> {
    let mut bare = Zeroizing::new(String::with_capacity(value.len()));
    let (mut rest, mut begins_line) = (value, true);
    while let Some(letter) = rest.chars().next() {
        if begins_line && let Some((inner, after)) = between_quotes(rest) {
            bare.push_str(inner);
            (rest, begins_line) = (after, false);
            continue;
        }
        bare.push(letter);
        (rest, begins_line) = (split(rest, letter.len_utf8()).1, ends_line(letter));
    }
    bare
}

fn between_quotes(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|letter| is_quote(*letter))?;
    let body = text.strip_prefix(quote)?;
    body.rmatch_indices(quote).find_map(|(at, _)| {
        let (inner, closing) = split(body, at);
        let after = closing.strip_prefix(quote)?;
        (after.is_empty() || after.starts_with(ends_line)).then_some((inner, after))
    })
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        io::Write as _,
        path::Path,
        process::{Command, Stdio},
    };

    use serde_json::Value;

    use super::*;

    const TABLE: &str = include_str!("../../vectors/dotenv.json");

    fn read(file: &str) -> BTreeMap<String, String> {
        let text = with_line_feeds(kms_files::text(file.as_bytes()).unwrap());
        let entries = parse(&text);
        entries.iter().map(|one| (one.name.to_owned(), one.value.to_string())).collect()
    }

    fn cases() -> Vec<(String, BTreeMap<String, String>)> {
        let table: Value = serde_json::from_str(TABLE).unwrap();
        let case = |case: &Value| {
            let file = case["file"].as_str().unwrap().to_owned();
            (file, serde_json::from_value(case["values"].clone()).unwrap())
        };
        table["cases"].as_array().unwrap().iter().map(case).collect()
    }

    #[test]
    fn files_are_read_as_the_original_s_library_read_them() {
        let cases = cases();
        assert!(cases.len() >= 60, "{}", cases.len());
        for (file, expected) in cases {
            assert_eq!(read(&file), expected, "{file:?}");
        }
    }

    /// Every text of up to five pieces out of those that mean something to the grammar, as many
    /// as the judge reads in a second or two.
    fn composed() -> Vec<String> {
        const PIECES: [&str; 16] = [
            "P=", "Q: ", "\n", "'", "\"", "`", "\\", "#", " ", "export ", "a", "$b", "\\n", "=",
            "\r\n", "\u{2028}",
        ];
        let mut state = 1_u64;
        let mut piece = || {
            // Knuth's generator of MMIX: the same texts in every run.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            PIECES[usize::try_from(state >> 60).unwrap()]
        };
        (0..20_000)
            .map(|number| {
                let length = 2 + number % 12;
                (0..length).map(|_| piece()).collect()
            })
            .collect()
    }

    #[test]
    fn the_library_itself_reads_the_same() {
        if std::env::var_os("KMS_SKIP_REAL").is_some() {
            return;
        }
        let judges = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/real/judges");
        let installed = judges.join("node_modules/dotenv/package.json");
        let installed = std::fs::read_to_string(installed).unwrap_or_default();
        assert!(
            installed.contains("\"version\": \"16.4.7\""),
            "dotenv 16.4.7 is not installed: run `cargo xtask real`, or set KMS_SKIP_REAL=1"
        );
        let mut files: Vec<_> = cases().into_iter().map(|(file, _)| file).collect();
        files.extend(composed());
        let mut judge = Command::new("node")
            .arg("dotenv.mjs")
            .current_dir(&judges)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = judge.stdin.take().unwrap();
        let lines: String =
            files.iter().map(|file| format!("{}\n", Value::from(file.as_str()))).collect();
        let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
        let output = judge.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        let verdicts = String::from_utf8(output.stdout).unwrap();
        assert_eq!(verdicts.lines().count(), files.len());
        for (file, verdict) in files.iter().zip(verdicts.lines()) {
            let expected: BTreeMap<String, String> = serde_json::from_str(verdict).unwrap();
            assert_eq!(read(file), expected, "{file:?}");
        }
    }

    #[test]
    fn lines_that_had_another_value_before_are_known() {
        for (file, expected) in [
            ("A=plain\nP=pass#word\n", vec![2]),
            ("P=abc$defg123\n", vec![1]),
            ("# said\nP=\"abc${defg}123\"\nQ=pa\\$x\n", vec![2, 3]),
            ("P=a\nQ=b\nP=c\n", vec![3]),
            ("P=a\nP=a\n", vec![]),
            ("export P='a$b#c' # said\nQ=\"a b\"\n", vec![]),
            // It stopped at these.
            ("P=a$b\nQ=it's\n", vec![]),
        ] {
            assert_eq!(lines_read_otherwise(file, &parse(file)), expected, "{file:?}");
        }
    }

    #[test]
    fn a_long_file_takes_no_time() {
        let started = std::time::Instant::now();
        assert!(parse(&"\n".repeat(1 << 20)).is_empty());
        assert!(parse(&"'\"`\n".repeat(1 << 18)).is_empty());
        assert_eq!(parse(&"A=1\n".repeat(1 << 18)).last().map(|last| last.line), Some(1 << 18));
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }
}
