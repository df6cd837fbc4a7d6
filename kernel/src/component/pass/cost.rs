//! What each instruction costs. `docs/spec/metering.md` has the same as a table.

use wasmparser::Operator;

/// Fuel of entering a function, beside that for its locals.
pub(super) const ENTRY: i64 = 1;
/// Declared locals that cost one unit together: engines zero them on every entry.
pub(super) const LOCALS: i64 = 8;
/// Bytes that cost one unit together, as a power of two: what bulk instructions move or fill.
pub(super) const BYTES_LOG2: i64 = 3;
/// Fuel of a page of memory that is added, as a power of two: its bytes at that rate.
pub(super) const PAGE_LOG2: i64 = 16 - BYTES_LOG2;

/// Fuel of one instruction, whatever its operands.
pub(super) fn fixed(operator: &Operator<'_>) -> i64 {
    match operator {
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::Else
        | Operator::End
        | Operator::Nop => 0,
        _ => 1,
    }
}

/// Whether a straight run of instructions ends after this one, and another begins.
pub(super) fn ends_run(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::BrIf { .. }
    )
}

/// Whether what follows, up to the next `end` or `else`, is never run.
pub(super) fn leaves(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Br { .. } | Operator::BrTable { .. } | Operator::Return | Operator::Unreachable
    )
}

/// Fuel of the straight run that begins with the first of these instructions.
pub(super) fn run<'a, 'o: 'a>(operators: impl Iterator<Item = &'a Operator<'o>>) -> i64 {
    let mut sum = 0;
    for operator in operators {
        sum += fixed(operator);
        if ends_run(operator) || leaves(operator) {
            break;
        }
    }
    sum
}

/// Stack of one call of a function, in units.
///
/// A unit is meant to cover a byte of native stack in any engine: 64 for the frame itself, 8 for
/// every value it may hold at once and every one it may pass or get.
pub(super) fn frame(locals: u32, height: u32, widest: usize) -> i64 {
    64 + 8 * (i64::from(locals) + i64::from(height) + widest as i64)
}
