//! Every limit of the protocol stands twice: in the code and, as a number, in the specification.

use std::collections::BTreeMap;

use super::{Finding, Tree};

const CODE: &str = "kernel-api/src/limits.rs";
const TABLE: &str = "docs/spec/limits.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let text = |path: &str| tree.texts.get(path).map_or("", String::as_str);
    let (code, mut findings) = constants(text(CODE));
    let table = rows(text(TABLE));
    for (name, (line, value)) in &code {
        match table.get(name) {
            None => findings.push(finding(
                CODE,
                *line,
                format!("{name} is not in {TABLE}"),
                format!("add the row | `{name}` | {} | … |", grouped(*value)),
            )),
            Some((row, Some(stated))) if stated != value => findings.push(finding(
                TABLE,
                *row,
                format!("{name} is {} here and {} in {CODE}", grouped(*stated), grouped(*value)),
                "a limit changes only with a new kernel major version; then change both".into(),
            )),
            Some((row, None)) => findings.push(finding(
                TABLE,
                *row,
                format!("the second column of {name} is no number"),
                format!("write {}", grouped(*value)),
            )),
            Some(_) => {}
        }
    }
    for (name, (row, _)) in &table {
        if !code.contains_key(name) {
            let what = format!("{name} is no constant of {CODE}");
            findings.push(finding(
                TABLE,
                *row,
                what,
                "remove the row, or restore the limit".into(),
            ));
        }
    }
    findings
}

fn finding(file: &str, line: usize, what: String, remedy: String) -> Finding {
    Finding { file: file.into(), line, rule: "limits", what, remedy }
}

/// Name to line and value of each `pub const`; findings for those that cannot be read.
fn constants(text: &str) -> (BTreeMap<String, (usize, u128)>, Vec<Finding>) {
    let mut known = BTreeMap::new();
    let mut findings = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some(declaration) = line.trim().strip_prefix("pub const ") else { continue };
        let parts = declaration
            .strip_suffix(';')
            .and_then(|declaration| declaration.split_once('='))
            .and_then(|(head, value)| Some((head.split_once(':')?.0.trim(), value.trim())));
        let value =
            parts.and_then(|(name, value)| Some((name, Expression::evaluate(value, &known)?)));
        match value {
            Some((name, value)) => {
                known.insert(name.to_owned(), (at + 1, value));
            }
            None => findings.push(finding(
                CODE,
                at + 1,
                "this limit cannot be read".into(),
                "write it on one line, with integers, earlier limits, `+`, `*`, `<<` and \
                 parentheses"
                    .into(),
            )),
        }
    }
    (known, findings)
}

/// Name to line and number of each row whose first cell is a constant's name in backticks.
fn rows(text: &str) -> BTreeMap<String, (usize, Option<u128>)> {
    let mut rows = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        let mut cells = line.split('|').skip(1).map(str::trim);
        let (Some(name), Some(value)) = (cells.next(), cells.next()) else { continue };
        let name = name.strip_prefix('`').and_then(|name| name.strip_suffix('`'));
        if let Some(name) = name {
            rows.insert(name.to_owned(), (at + 1, value.replace(',', "").parse().ok()));
        }
    }
    rows
}

/// A number with a comma at each thousand.
fn grouped(value: u128) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rust's integer expressions, as far as limits use them: `<<` binds weaker than `+`, that weaker
/// than `*`.
struct Expression<'a> {
    rest: &'a str,
    known: &'a BTreeMap<String, (usize, u128)>,
}

impl<'a> Expression<'a> {
    fn evaluate(text: &'a str, known: &'a BTreeMap<String, (usize, u128)>) -> Option<u128> {
        let mut expression = Self { rest: text, known };
        let value = expression.shift()?;
        expression.rest.trim().is_empty().then_some(value)
    }

    fn shift(&mut self) -> Option<u128> {
        let mut value = self.sum()?;
        while self.eat("<<") {
            value = value.checked_shl(self.sum()?.try_into().ok()?)?;
        }
        Some(value)
    }

    fn sum(&mut self) -> Option<u128> {
        let mut value = self.product()?;
        while self.eat("+") {
            value = value.checked_add(self.product()?)?;
        }
        Some(value)
    }

    fn product(&mut self) -> Option<u128> {
        let mut value = self.atom()?;
        while self.eat("*") {
            value = value.checked_mul(self.atom()?)?;
        }
        Some(value)
    }

    fn atom(&mut self) -> Option<u128> {
        if self.eat("(") {
            let value = self.shift()?;
            return self.eat(")").then_some(value);
        }
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        match self.known.get(word) {
            Some((_, value)) => Some(*value),
            None => word.replace('_', "").parse().ok(),
        }
    }

    fn eat(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: &str = "/// Doc.\npub const A: usize = 1 << 20;\n\
                          pub const B: u64 = A + (8 << 10);\npub const C: u64 = 10_000 * 3;\n";

    fn lines(code: &str, table: &str) -> Vec<(String, usize)> {
        let findings = check(&Tree::of(&[(CODE, code), (TABLE, table)]));
        findings.into_iter().map(|finding| (finding.file, finding.line)).collect()
    }

    /// [LIMITS-1] [LIMITS-2] [LIMITS-3] [LIMITS-4] [LIMITS-5]
    #[test]
    fn a_table_that_repeats_the_code_passes() {
        let table = "| limit | value |\n|-|-|\n| `A` | 1,048,576 | a |\n| `B` | 1,056,768 | b |\n\
                     | `C` | 30,000 | c |\n";
        assert_eq!(lines(LIMITS, table), []);
    }

    #[test]
    fn a_changed_a_missing_and_a_stale_number_are_found() {
        let table = "| `A` | 1,048,577 | a |\n| `B` | 1,056,768 | b |\n| `D` | 4 | d |\n";
        let expected = [(TABLE.to_owned(), 1), (CODE.to_owned(), 4), (TABLE.to_owned(), 3)];
        assert_eq!(lines(LIMITS, table), expected);
    }

    #[test]
    fn a_limit_that_cannot_be_read_is_found() {
        let code = "pub const A: usize = size_of::<u64>();\n";
        assert_eq!(lines(code, ""), [(CODE.to_owned(), 1)]);
    }
}
