//! `cargo xtask recording`: runs the demo and draws what it prints as `docs/demo.svg`, line by line
//! as it came. The picture of one run is like that of another but for ids and times, so it is not
//! compared in CI.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};

const COLUMNS: usize = 140;
const CHARACTER: f32 = 7.2;
const LINE: f32 = 17.0;
const MARGIN: f32 = 16.0;
const BAR: f32 = 30.0;

/// # Errors
/// When the demo fails.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut demo = Command::new("cargo")
        .args([
            "run",
            "--quiet",
            "--locked",
            "--profile",
            "demo",
            "-p",
            "tatum-kms",
            "--no-default-features",
            "--",
            "demo",
        ])
        .current_dir(root)
        .stdout(Stdio::piped())
        .spawn()?;
    let start = Instant::now();
    let lines: Vec<String> = BufReader::new(demo.stdout.take().context("the demo's output")?)
        .lines()
        .collect::<Result<_, _>>()?;
    let seconds = start.elapsed().as_secs_f32();
    if !demo.wait()?.success() {
        bail!("the demo failed");
    }
    fs::write(root.join("docs/demo.svg"), drawing(&lines, seconds)?)?;
    Ok(())
}

/// A terminal in which the lines appear one after another.
fn drawing(lines: &[String], seconds: f32) -> Result<String> {
    let end = format!("every transaction was verified, {seconds:.0} s without the build");
    let rows: Vec<_> =
        ["$ make demo"].into_iter().chain(lines.iter().map(String::as_str)).collect();
    let width = CHARACTER.mul_add(u16::try_from(COLUMNS).map_or(0.0, f32::from), 2.0 * MARGIN);
    let count = u16::try_from(rows.len().saturating_add(1)).map_or(0.0, f32::from);
    let height = LINE.mul_add(count, BAR + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"12\">\n\
         <!-- Written by `cargo xtask recording`. -->\n\
         <title>make demo: every chain signs, and every transaction is verified</title>\n\
         <style>text{{white-space:pre;fill:#d7dde5;opacity:0;animation:a .2s forwards}}\
         .yes{{fill:#8fd694}}.head{{fill:#9fb3c8}}@keyframes a{{to{{opacity:1}}}}\
         @media (prefers-reduced-motion){{text{{opacity:1;animation:none}}}}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#17202b\"/>\n\
         <circle cx=\"20\" cy=\"16\" r=\"5\" fill=\"#e06c5f\"/><circle cx=\"38\" cy=\"16\" r=\"5\" \
         fill=\"#e5b567\"/><circle cx=\"56\" cy=\"16\" r=\"5\" fill=\"#8fd694\"/>\n"
    );
    for (number, row) in rows.into_iter().chain([end.as_str()]).enumerate() {
        let place = u16::try_from(number).map_or(0.0, f32::from);
        let class = match number {
            1 => "head",
            _ if row.contains(" yes ") || row == end => "yes",
            _ => "",
        };
        writeln!(
            out,
            "<text x=\"{MARGIN}\" y=\"{}\" class=\"{class}\" style=\"animation-delay:{:.2}s\">{}</text>",
            LINE.mul_add(place + 1.0, BAR),
            place * 0.12,
            escaped(row)
        )?;
    }
    out.push_str("</svg>\n");
    Ok(out)
}

fn escaped(text: &str) -> String {
    let short: String = text.chars().take(COLUMNS).collect();
    // Not all viewers keep spaces that follow each other.
    short.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(' ', "\u{a0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_shows_every_line_and_no_markup_of_its_own() {
        let lines = [String::from("chain <wallet>"), String::from("ETH & co  yes  1")];
        let drawn = drawing(&lines, 2.0).unwrap();
        for shown in ["$ make demo", "chain &lt;wallet&gt;", "ETH &amp; co  yes  1", "2 s without"]
        {
            assert!(drawn.contains(&shown.replace(' ', "\u{a0}")), "{shown}");
        }
        assert_eq!(drawn.matches("<text ").count(), 4);
    }
}
