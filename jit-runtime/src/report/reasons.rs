//! LLVM's remarks in words for users. What is not known is passed on as it is: the wording changes from release to release.

use super::{Unrolled, Vectorized};

/// What a remark says of a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Vectorized(Vectorized),
    Unrolled(Unrolled),
    /// It is not vectorized, for this reason.
    Not(String),
    /// Nothing that a report has a place for.
    Other,
}

/// The reason that LLVM gives for calls.
pub(super) const CALLS: &str = "it calls a function that has no vector version";

/// What LLVM says and what it means to a user; the first that is part of the text counts.
const REASONS: [(&str, &str); 19] = [
    (
        "reorder floating-point",
        "float operations would be done in another order, which changes results; `#[jit(fastmath)]` allows that",
    ),
    (
        "reorder memory operations",
        "an iteration may read or write what another one writes",
    ),
    (
        "unsafe dependent memory",
        "an iteration reads or writes what another one writes",
    ),
    (
        "cannot identify array bounds",
        "which elements it accesses is not known before it runs",
    ),
    (
        "could not determine number of loop iterations",
        "how often it runs is not known before it starts: it has a condition or an exit that depends on its own work",
    ),
    (
        "uncountable",
        "how often it runs is not known before it starts: it has a condition or an exit that depends on its own work",
    ),
    ("early exit", "it may end early"),
    (
        "could not be identified as reduction",
        "a variable goes from iteration to iteration in a way that is no sum, product, minimum or the like",
    ),
    (
        "value that could not be identified",
        "a variable goes from iteration to iteration in a way that is no sum, product, minimum or the like",
    ),
    ("call instruction cannot be vectorized", CALLS),
    ("library call cannot be vectorized", CALLS),
    (
        "control flow",
        "it has an exit or a branch that vectors cannot follow",
    ),
    (
        "switch statement",
        "it has a branch of many ways that vectors cannot follow",
    ),
    (
        "cost-model indicates",
        "vectors would not make it faster, as LLVM estimates",
    ),
    (
        "not beneficial",
        "vectors would not make it faster, as LLVM estimates",
    ),
    ("explicitly disabled", "hotloop asked LLVM not to"),
    (
        "integer division by zero",
        "a division in it is not done in each iteration",
    ),
    (
        "cannot be vectorized",
        "it works on a type that there are no vectors of",
    ),
    (
        "write to a loop invariant address",
        "it writes to the same place in each iteration",
    ),
];

/// Reads a remark of LLVM.
pub(super) fn read(text: &str) -> Said {
    let lower = text.to_ascii_lowercase();
    if lower.contains("not vectorized") || lower.contains("not beneficial") {
        let reason = match text.split_once("not vectorized") {
            Some((_, behind)) => behind.trim_start_matches([':', ' ']),
            None => text,
        };
        // The verdict alone, which the reasons come before.
        if reason.is_empty() || reason.starts_with('(') {
            return Said::Other;
        }
        let known = REASONS.iter().find(|(said, _)| lower.contains(said));
        return Said::Not(match known {
            Some((_, meant)) => (*meant).to_owned(),
            None => format!("LLVM: {reason}"),
        });
    }
    if lower.contains("vectorized loop") {
        let width = number_behind(&lower, "width: ");
        let interleave = number_behind(&lower, "interleaved count: ");
        return match width {
            Some(width) if width > 1 => Said::Vectorized(Vectorized { width, interleave }),
            _ => Said::Other,
        };
    }
    if lower.contains("completely unrolled") {
        return Said::Unrolled(Unrolled::Completely);
    }
    match number_behind(&lower, "by a factor of ") {
        Some(factor) if lower.contains("unrolled loop") => Said::Unrolled(Unrolled::By(factor)),
        _ => Said::Other,
    }
}

/// The number that follows the first occurrence of these words; for scalable vectors the factor of the unknown size.
fn number_behind(text: &str, words: &str) -> Option<u32> {
    let (_, behind) = text.split_once(words)?;
    let behind = behind.trim_start_matches("vscale x ");
    let end = behind.find(|c: char| !c.is_ascii_digit());
    behind[..end.unwrap_or(behind.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_read() {
        assert_eq!(
            read("vectorized loop (vectorization width: 8, interleaved count: 4)"),
            Said::Vectorized(Vectorized {
                width: 8,
                interleave: Some(4)
            })
        );
        assert_eq!(
            read("vectorized loop (vectorization width: vscale x 2, interleaved count: 1)"),
            Said::Vectorized(Vectorized {
                width: 2,
                interleave: Some(1)
            })
        );
        assert_eq!(
            read("completely unrolled loop with 4 iterations"),
            Said::Unrolled(Unrolled::Completely)
        );
        assert_eq!(
            read("unrolled loop by a factor of 8 with run-time trip count"),
            Said::Unrolled(Unrolled::By(8))
        );
        let Said::Not(reason) = read(
            "loop not vectorized: cannot prove it is safe to reorder floating-point operations",
        ) else {
            panic!("no reason");
        };
        assert!(reason.contains("fastmath"));
        assert_eq!(read("loop not vectorized"), Said::Other);
        assert_eq!(
            read("loop not vectorized: the moon is full"),
            Said::Not("LLVM: the moon is full".to_owned())
        );
        assert_eq!(read("something new"), Said::Other);
    }
}
