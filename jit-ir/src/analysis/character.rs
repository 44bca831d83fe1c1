//! What the loops of a function are like, as far as it says which of a compiler's dearer passes are worth their time.

use std::collections::{HashMap, HashSet};

use super::effects::Effects;
use crate::expr::{ConstValue, ExprId, ExprKind, Projection};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Label, Loop, Stmt, StmtKind};
use crate::ty::ScalarTy;

/// Loops of at most so many iterations may become straight-line code.
const MOST_UNROLLED: u128 = 64;
/// Variables that an iteration hands on so, for the loop to rotate them.
const LEAST_ROTATED: usize = 3;

/// What is to know of a function, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Character {
    /// A condition in a loop is the same for all iterations: two loops, one for each outcome, may be better.
    pub invariant_conditions: bool,
    /// A loop has a small constant number of iterations: straight-line code may be better.
    pub short_loops: bool,
    /// A loop hands integers on from variable to variable (`h = g; g = f; f = e;`), as hash functions do. A vector of such variables would
    /// have to be permuted in each iteration.
    pub rotates_integers: bool,
    /// There is arithmetic of floats.
    pub floats: bool,
}

impl Character {
    /// That of a specialized function.
    pub fn of(func: &Function) -> Character {
        let mut found = Character::default();
        for (_, expr) in func.exprs.iter() {
            let computes = matches!(
                expr.kind,
                ExprKind::Binary { .. } | ExprKind::Unary { .. } | ExprKind::Call { .. }
            );
            found.floats |= computes && expr.ty.as_scalar().is_some_and(ScalarTy::is_float);
        }
        found.short_loops = !short_loops(func).is_empty();
        let mut walk = Walk { func, found };
        walk.block(&func.body, None);
        walk.found
    }

    /// That of two functions together.
    #[must_use]
    pub fn and(self, other: Character) -> Character {
        Character {
            invariant_conditions: self.invariant_conditions || other.invariant_conditions,
            short_loops: self.short_loops || other.short_loops,
            rotates_integers: self.rotates_integers || other.rotates_integers,
            floats: self.floats || other.floats,
        }
    }
}

/// The loops that have a small constant number of iterations, and are neither cold nor the lanes of vectors.
pub fn short_loops(func: &Function) -> HashSet<Label> {
    let constants = constants(func);
    let mut short = HashSet::new();
    func.body.for_each_stmt(|stmt| {
        if let StmtKind::For(for_loop) = &stmt.kind
            && !for_loop.hints.cold
            && for_loop.hints.lanes == 0
            && is_short(func, &constants, for_loop)
        {
            short.insert(for_loop.label);
        }
    });
    short
}

fn is_short(func: &Function, constants: &HashMap<LocalId, u128>, for_loop: &Loop) -> bool {
    let value = |expr: ExprId| match &func.exprs.get(expr)?.kind {
        ExprKind::Const(ConstValue::Int(value)) => Some(*value),
        ExprKind::Load(place) if place.projections.is_empty() => {
            constants.get(&place.local).copied()
        }
        _ => None,
    };
    let (Some(start), Some(end), Some(step)) = (
        value(for_loop.start),
        value(for_loop.end),
        value(for_loop.step),
    ) else {
        return false;
    };
    let count = end.saturating_sub(start).div_ceil(step.max(1));
    count <= MOST_UNROLLED
}

/// The locals that are assigned once, and a constant.
fn constants(func: &Function) -> HashMap<LocalId, u128> {
    let mut assigned = HashSet::new();
    let mut constants = HashMap::new();
    func.body.for_each_stmt(|stmt| {
        let Some(place) = stmt.kind.place() else {
            return;
        };
        let again = !assigned.insert(place.local);
        constants.remove(&place.local);
        if let StmtKind::Assign { value, .. } = &stmt.kind
            && let Some(constant) = constant(func, *value)
            && !again
            && place.projections.is_empty()
        {
            constants.insert(place.local, constant);
        }
    });
    constants
}

fn constant(func: &Function, expr: ExprId) -> Option<u128> {
    match func.exprs.get(expr)?.kind {
        ExprKind::Const(ConstValue::Int(value)) => Some(value),
        _ => None,
    }
}

struct Walk<'f> {
    func: &'f Function,
    found: Character,
}

impl Walk<'_> {
    /// `inside`: what the innermost loop around changes.
    fn block(&mut self, block: &Block, inside: Option<&Effects>) {
        for stmt in &block.stmts {
            if let Some(effects) = inside
                && !self.found.invariant_conditions
            {
                self.found.invariant_conditions = self.has_invariant_condition(stmt, effects);
            }
            match &stmt.kind {
                // Neither unrolled nor looked at closely.
                StmtKind::For(for_loop) if for_loop.hints.cold || for_loop.hints.lanes != 0 => {}
                StmtKind::For(for_loop) => {
                    let mut effects = Effects::of_block(self.func, &for_loop.body);
                    effects.vars.insert(for_loop.var);
                    self.loop_body(&for_loop.body, &effects);
                }
                StmtKind::While { body, .. } | StmtKind::Forever { body, .. } => {
                    self.loop_body(body, &Effects::of_block(self.func, body));
                }
                kind => {
                    for inner in kind.blocks() {
                        self.block(inner, inside);
                    }
                }
            }
        }
    }

    fn loop_body(&mut self, body: &Block, effects: &Effects) {
        self.found.rotates_integers |= self.rotated(body) >= LEAST_ROTATED;
        self.block(body, Some(effects));
    }

    /// How many integers are given the value that another variable has at the beginning of an iteration.
    fn rotated(&self, body: &Block) -> usize {
        let func = self.func;
        let assigned = |local| {
            body.stmts.iter().position(|stmt| {
                (stmt.kind.place())
                    .is_some_and(|place| place.local == local && place.projections.is_empty())
            })
        };
        let hands_on = |(position, stmt): (usize, &Stmt)| {
            let StmtKind::Assign { place, value } = &stmt.kind else {
                return false;
            };
            let is_int = (func.locals[place.local].ty.as_scalar()).is_some_and(|ty| ty.is_int());
            let Some(ExprKind::Load(from)) = func.exprs.get(*value).map(|expr| &expr.kind) else {
                return false;
            };
            let whole = place.projections.is_empty() && from.projections.is_empty();
            is_int && whole && assigned(from.local).is_some_and(|at| at > position)
        };
        body.stmts
            .iter()
            .enumerate()
            .filter(|&it| hands_on(it))
            .count()
    }

    /// Whether a statement itself, without those inside of it, asks something of which the answer does not change.
    fn has_invariant_condition(&self, stmt: &Stmt, effects: &Effects) -> bool {
        if let StmtKind::If { cond, .. } = &stmt.kind
            && self.is_invariant(*cond, effects)
        {
            return true;
        }
        let mut open = Vec::new();
        stmt.kind.for_each_expr(|expr| open.push(expr));
        while let Some(expr) = open.pop().and_then(|expr| self.func.exprs.get(expr)) {
            let cond = match &expr.kind {
                ExprKind::Select { cond, .. } => cond,
                // Without memory, both operands are computed anyway.
                ExprKind::ShortCircuit { lhs, rhs, .. } if self.reads_memory(*rhs) => lhs,
                kind => {
                    kind.for_each_operand(|operand| open.push(operand));
                    continue;
                }
            };
            if self.is_invariant(*cond, effects) {
                return true;
            }
            expr.kind.for_each_operand(|operand| open.push(operand));
        }
        false
    }

    fn reads_memory(&self, expr: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(expr) else {
            return true;
        };
        let mut reads = (expr.kind.place()).is_some_and(|place| {
            place
                .projections
                .iter()
                .any(|step| !matches!(step, Projection::Field(_)))
        });
        expr.kind
            .for_each_operand(|operand| reads = reads || self.reads_memory(operand));
        reads
    }

    fn is_invariant(&self, expr: ExprId, effects: &Effects) -> bool {
        let mut reads = false;
        self.keeps(expr, effects, &mut reads) && reads
    }

    /// Whether an expression keeps its value; `reads` if it is no constant.
    fn keeps(&self, expr: ExprId, effects: &Effects, reads: &mut bool) -> bool {
        let Some(expr) = self.func.exprs.get(expr) else {
            return false;
        };
        let mut keeps = expr.kind.place().is_none_or(|place| {
            *reads = true;
            let local = place.local;
            let is_memory = |step: &Projection| !matches!(step, Projection::Field(_));
            let changes = effects.vars.contains(&local)
                || effects.assigned.contains(&local)
                || (effects.stores() && place.projections.iter().any(is_memory));
            !changes
        });
        expr.kind
            .for_each_operand(|operand| keeps = keeps && self.keeps(operand, effects, reads));
        keeps
    }
}

#[cfg(test)]
mod tests;
