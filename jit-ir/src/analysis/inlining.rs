//! Which functions of a program become part of all functions that call them, whatever LLVM's own estimate of the cost says.
//!
//! LLVM takes a function in that is called in one place, however large it is, and otherwise one of up to some fifty instructions. That is made for
//! programs of many functions of which few matter. Here, what a loop calls matters: a call keeps the loop from being vectorized, and the checks of the
//! called function from leaving the loop. And versions of a function (serial and parallel, checked and unchecked) make several calls of what the user
//! wrote once.

use std::collections::{HashMap, HashSet};

use super::character::short_loops;
use crate::func::{Function, Program};
use crate::span::Span;
use crate::stmt::{Block, StmtKind};

/// The most expressions of a function that loops call in several places, with what becomes part of it.
const MOST_IN_LOOPS: usize = 400;
/// The most places in the source, versions not counted, for that.
const MOST_PLACES: usize = 4;
/// The most expressions of a function that is called in one place.
const MOST_ALONE: usize = 3000;

/// For each function of a specialized program whether it is to be part of its callers, as far as they are reached from `root`.
pub fn inlined(program: &Program, root: usize) -> Vec<bool> {
    let mut inlined = vec![false; program.functions.len()];
    let reached = program.reached_from(root);
    let mut calls: HashMap<usize, Calls> = HashMap::new();
    for (caller, func) in program.functions.iter().enumerate() {
        if reached[caller] && func.deferred.is_none() {
            collect(&func.body, caller, false, &mut calls);
        }
    }
    let in_loops = reached_in_loops(&calls);
    let mut sizes = vec![None; program.functions.len()];
    for (&number, calls) in &calls {
        let (Some(func), Some(into)) = (program.functions.get(number), inlined.get_mut(number))
        else {
            continue;
        };
        if number == root || func.deferred.is_some() || func.is_parallel_part() {
            continue;
        }
        let versions_only = calls.written() == 1 && calls.count > 1;
        let in_loops =
            in_loops.contains(&number) && calls.written() <= MOST_PLACES && !loops_long(func);
        if !versions_only && !in_loops {
            continue;
        }
        let Some(size) = size(program, number, &mut sizes, &mut Vec::new()) else {
            continue;
        };
        *into = (versions_only && size <= MOST_ALONE) || (in_loops && size <= MOST_IN_LOOPS);
    }
    inlined
}

/// Who calls a function.
#[derive(Default)]
struct Calls {
    count: usize,
    places: HashSet<Span>,
    in_loop: bool,
    callers: HashSet<usize>,
}

impl Calls {
    /// How many calls the user wrote, at least.
    fn written(&self) -> usize {
        if self.places.contains(&Span::UNKNOWN) {
            self.count
        } else {
            self.places.len()
        }
    }
}

/// The functions that run in loops, of their own callers or of the callers of these.
fn reached_in_loops(calls: &HashMap<usize, Calls>) -> HashSet<usize> {
    let mut found: HashSet<usize> = (calls.iter())
        .filter(|(_, calls)| calls.in_loop)
        .map(|(&number, _)| number)
        .collect();
    loop {
        let before = found.len();
        for (&number, calls) in calls {
            if !calls.callers.is_disjoint(&found) {
                found.insert(number);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

fn collect(block: &Block, caller: usize, in_loop: bool, calls: &mut HashMap<usize, Calls>) {
    for stmt in &block.stmts {
        if let StmtKind::Call { function, .. } = stmt.kind {
            let calls = calls.entry(function as usize).or_default();
            calls.count += 1;
            calls.places.insert(stmt.span);
            calls.in_loop |= in_loop;
            calls.callers.insert(caller);
        }
        let in_loop = in_loop || is_loop(&stmt.kind);
        for inner in stmt.kind.blocks() {
            collect(inner, caller, in_loop, calls);
        }
    }
}

fn is_loop(kind: &StmtKind) -> bool {
    matches!(
        kind,
        StmtKind::For(_) | StmtKind::While { .. } | StmtKind::Forever { .. }
    )
}

/// Whether a function has loops that do not become straight-line code.
fn loops_long(func: &Function) -> bool {
    let short = short_loops(func);
    let mut long = false;
    func.body.for_each_stmt(|stmt| match &stmt.kind {
        StmtKind::For(for_loop) => long |= !short.contains(&for_loop.label),
        kind => long |= is_loop(kind),
    });
    long
}

/// How many expressions a function has with all that it calls; none if it calls itself, or runs loops in parallel.
fn size(
    program: &Program,
    number: usize,
    known: &mut [Option<usize>],
    callers: &mut Vec<usize>,
) -> Option<usize> {
    if let Some(size) = known.get(number)? {
        return Some(*size);
    }
    if callers.contains(&number) {
        return None;
    }
    let func = program.functions.get(number)?;
    let mut called = Vec::new();
    let mut parallel = false;
    if func.deferred.is_none() {
        func.body.for_each_stmt(|stmt| match stmt.kind {
            StmtKind::Call { function, .. } => called.push(function as usize),
            StmtKind::Parallel(_) => parallel = true,
            _ => {}
        });
    }
    if parallel {
        return None;
    }
    callers.push(number);
    let mut sum = func.exprs.len();
    for callee in called {
        sum = sum.saturating_add(size(program, callee, known, callers)?);
    }
    callers.pop();
    known[number] = Some(sum);
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_program;

    /// Whether the second function of a program becomes part of the first and of those behind it.
    fn second(text: &str) -> bool {
        inlined(&parse_program(text).unwrap(), 0)[1]
    }

    const STEP: &str = "fn inner(x: u64) -> u64 { return ((x * 3u64) + 1u64); }";
    const SUM: &str = "fn sum(n: u64) -> u64 {
        let i: u64;
        let mut s: u64;
        s = 0u64;
        '0: for i in 0u64..n { s = (s + i); }
        return s;
    }";

    fn program(first: &str, second: &str) -> String {
        format!(
            "fn f(n: u64) -> u64 {{
                let i: u64;
                let mut s: u64;
                s = n;
                {first}
                return s;
            }}
            {second}"
        )
    }

    #[test]
    fn what_loops_call() {
        let around = |calls: &str| program(&format!("'0: for i in 0u64..n {{ {calls} }}"), STEP);
        let call = "s = fn#1(s);";
        assert!(second(&around(call)));
        assert!(second(&around(&call.repeat(MOST_PLACES))));
        assert!(!second(&around(&call.repeat(MOST_PLACES + 1))));
        // No loop: LLVM decides.
        assert!(!second(&program(&call.repeat(2), STEP)));
    }

    #[test]
    fn functions_that_call_themselves_stay() {
        let step = "fn inner(x: u64) -> u64 { let mut r: u64; r = x; if (x > 0u64) { r = fn#1((x / 2u64)); } return r; }";
        assert!(!second(&program(
            "'0: for i in 0u64..n { s = fn#1(s); }",
            step
        )));
    }

    #[test]
    fn functions_with_loops_are_left_to_llvm_but_for_versions() {
        let text = |calls: &str| program(&format!("'0: for i in 0u64..n {{ {calls} }}"), SUM);
        let program = |calls: &str| parse_program(&text(calls)).unwrap();
        assert!(!inlined(&program("s = fn#1(s);"), 0)[1]);
        assert!(!inlined(&program("s = fn#1(s); s = fn#1(s);"), 0)[1]);
        // The same call in two versions of a loop.
        let mut versions = program("s = fn#1(s); s = fn#1(s);");
        let mut open = vec![&mut versions.functions[0].body];
        while let Some(block) = open.pop() {
            for stmt in &mut block.stmts {
                stmt.span = Span::new(3, 4);
                open.extend(stmt.kind.blocks_mut());
            }
        }
        assert!(inlined(&versions, 0)[1]);
    }
}
