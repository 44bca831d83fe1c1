//! The loops of a program, as a list: what they are, where they stand and what is in them.

use crate::expr::{ConstValue, ExprId, ExprKind, SiteId};
use crate::func::{Function, Program};
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, StmtKind};

/// A loop of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoopOutline {
    /// The function that contains it, by its number in [`Program::functions`].
    pub function: usize,
    /// Its name in that function.
    pub label: Label,
    /// Where it starts in the user's source.
    pub span: Span,
    /// The loop around it, by its number in the list.
    pub parent: Option<usize>,
    /// What kind it is.
    pub kind: LoopKind,
    /// How many iterations it has, where that is constant and nothing leaves the loop early.
    pub trip_count: Option<u128>,
    /// Whether it is the version of a loop for arguments that hardly occur.
    pub cold: bool,
    /// What may trap in it, loops inside of it left out.
    pub sites: Vec<SiteId>,
}

/// The kinds of loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoopKind {
    /// Counted.
    For,
    /// With a condition.
    While,
    /// Without one.
    Forever,
}

/// The loops of a specialized program: those of the first function first, each before those inside of it. `Block`s may nest at most as deep
/// as the verifier says.
pub fn outline(program: &Program) -> Vec<LoopOutline> {
    let mut loops = Vec::new();
    for (function, func) in program.functions.iter().enumerate() {
        let mut walk = Walk {
            function,
            func,
            loops: &mut loops,
        };
        walk.block(&func.body, None);
    }
    loops
}

struct Walk<'a> {
    function: usize,
    func: &'a Function,
    loops: &'a mut Vec<LoopOutline>,
}

impl Walk<'_> {
    fn block(&mut self, block: &Block, around: Option<usize>) {
        for stmt in &block.stmts {
            let (label, kind, trip_count, cold) = match &stmt.kind {
                StmtKind::For(counted) => (
                    counted.label,
                    LoopKind::For,
                    self.trip_count(counted),
                    counted.hints.cold,
                ),
                StmtKind::While { label, .. } => (*label, LoopKind::While, None, false),
                StmtKind::Forever { label, .. } => (*label, LoopKind::Forever, None, false),
                _ => {
                    self.sites(&stmt.kind, around);
                    for inner in stmt.kind.blocks() {
                        self.block(inner, around);
                    }
                    continue;
                }
            };
            let number = self.loops.len();
            let parent = around.and_then(|around| self.loops.get(around));
            let cold =
                cold || self.func.deferred.is_some() || parent.is_some_and(|parent| parent.cold);
            self.loops.push(LoopOutline {
                function: self.function,
                label,
                span: stmt.span,
                parent: around,
                kind,
                trip_count,
                cold,
                sites: Vec::new(),
            });
            // A range is evaluated before the loop, a condition in it.
            let evaluated_in = match kind {
                LoopKind::For => around,
                LoopKind::While | LoopKind::Forever => Some(number),
            };
            self.sites(&stmt.kind, evaluated_in);
            for inner in stmt.kind.blocks() {
                self.block(inner, Some(number));
            }
        }
    }

    /// Adds what may trap where a statement, without the blocks inside of it, is executed.
    fn sites(&mut self, stmt: &StmtKind, around: Option<usize>) {
        let Some(outline) = around.and_then(|around| self.loops.get_mut(around)) else {
            return;
        };
        let sites = &mut outline.sites;
        if let Some(place) = stmt.place() {
            place.for_each_site(|site| sites.push(site));
        }
        let mut open: Vec<ExprId> = Vec::new();
        stmt.for_each_expr(|expr| open.push(expr));
        while let Some(expr) = open.pop() {
            let Some(expr) = self.func.exprs.get(expr) else {
                continue;
            };
            sites.extend(expr.kind.site());
            if let Some(place) = expr.kind.place() {
                place.for_each_site(|site| sites.push(site));
            }
            expr.kind.for_each_operand(|operand| open.push(operand));
        }
    }

    fn trip_count(&self, counted: &Loop) -> Option<u128> {
        let constant = |expr| match self.func.exprs.get(expr)?.kind {
            ExprKind::Const(ConstValue::Int(bits)) => Some(bits),
            _ => None,
        };
        let ty = self.func.exprs.get(counted.start)?.ty.as_scalar()?;
        // Differences of numbers of one type are the same for signed ones with the sign bit inverted.
        let ordered = |bits: u128| match ty.is_signed_int() {
            true => bits ^ (1 << (ty.bits() - 1)),
            false => bits,
        };
        let start = ordered(constant(counted.start)?);
        let end = ordered(constant(counted.end)?);
        let step = constant(counted.step)?;
        if leaves(&counted.body, counted.label) {
            return None;
        }
        let count = match end.checked_sub(start) {
            None => 0,
            Some(distance) => match counted.inclusive {
                true => (distance / step.max(1)).checked_add(1)?,
                false => distance.div_ceil(step.max(1)),
            },
        };
        Some(count)
    }
}

/// Whether a body may leave the loop of this label otherwise than by a trap.
fn leaves(body: &Block, label: Label) -> bool {
    let mut found = false;
    let mut inside = Vec::new();
    body.for_each_stmt(|stmt| match &stmt.kind {
        StmtKind::For(counted) => inside.push(counted.label),
        StmtKind::While { label, .. }
        | StmtKind::Forever { label, .. }
        | StmtKind::Labeled { label, .. } => inside.push(*label),
        // The labels of a function are unique, and those inside come before their uses.
        StmtKind::Break(to) => found |= !inside.contains(to),
        StmtKind::Continue(to) => found |= *to != label && !inside.contains(to),
        StmtKind::Return(_) => found = true,
        _ => {}
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_come_before_those_inside() {
        let text = r#"fn "f"(a: &[f64]) {
    let mut i: usize;
    let j: i8;
    let k: usize;
    let l: usize;
    site @0 = index;
    site @1 = index;
    '0: while (a[i#1]@0 < 1.0f64) {
        '1: for j in -3i8..=5i8 step 4usize {
            _ = a[0usize]@1;
        }
        '2: for k in 9usize..2usize {
            continue '0;
        }
        '3: for l in 9usize..2usize {
        }
    }
}
"#;
        let program = crate::parse_program_with_text_spans(text).unwrap();
        let found: Vec<_> = outline(&program)
            .iter()
            .map(|found| {
                let sites: Vec<_> = found.sites.iter().map(|site| site.index()).collect();
                (found.span.line, found.parent, found.trip_count, sites)
            })
            .collect();
        assert_eq!(
            found,
            [
                (8, None, None, vec![0]),
                (9, Some(0), Some(3), vec![1]),
                (12, Some(0), None, vec![]),
                (15, Some(0), Some(0), vec![]),
            ]
        );
    }
}
