//! Checks that follow from what was checked before: the conditions of ifs and loops around them, asserts, other checks.
//!
//! ```text
//! while 2 * root + 1 < n {                        // n == x.len()
//!     let mut child = 2 * root + 1;               // child < n
//!     if child + 1 < n && x[child + 1] > x[child] { child += 1; }
//!     x[root] = x[child];                         // neither can be out of bounds
//!     root = child;
//! }
//! ```
//!
//! A walk in the order of evaluation carries what is known ([`crate::analysis::bounds`]); around a loop it is repeated until what is known at the beginning
//! holds again at the end. No version of the loop is needed: what is found holds always.

use std::collections::{HashMap, HashSet};

use super::collect::Check;
use super::remove_checks;
use crate::analysis::bounds::{Facts, Reader};
use crate::analysis::effects::{Effects, exposed_locals, is_behind_pointer};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Label, Stmt, StmtKind};

/// How many statements and expressions are looked at; loops in loops are looked at often.
const FUEL: u32 = 2000;

/// Drops the checks of a function that follow from others. Returns how many.
pub(super) fn run(func: &mut Function) -> usize {
    if !is_worth(func) {
        return 0;
    }
    let exposed = exposed_locals(func);
    let mut walk = Walk {
        reader: Reader {
            func,
            exposed: &exposed,
        },
        targets: HashMap::new(),
        proved: HashSet::new(),
        records: true,
        fuel: FUEL,
    };
    walk.block(&func.body, Some(Facts::default()));
    if walk.fuel == 0 || walk.proved.is_empty() {
        return 0;
    }
    let proved = std::mem::take(&mut walk.proved);
    let mut body = std::mem::take(&mut func.body);
    remove_checks(func, &mut body, &proved);
    func.body = body;
    proved.len()
}

/// Whether there are checks in a loop that ordinarily runs.
fn is_worth(func: &Function) -> bool {
    fn visit(func: &Function, block: &Block) -> bool {
        block.stmts.iter().any(|stmt| match &stmt.kind {
            StmtKind::For(for_loop) if for_loop.hints.cold => false,
            StmtKind::For(for_loop) => super::has_checks(func, &for_loop.body),
            StmtKind::While { body, cond, .. } => {
                super::has_checks(func, body) || super::may_trap(func, *cond)
            }
            StmtKind::Forever { body, .. } => super::has_checks(func, body),
            kind => kind.blocks().any(|block| visit(func, block)),
        })
    }
    visit(func, &func.body)
}

/// `None`: control does not get here.
type State = Option<Facts>;

fn meet(a: State, b: State) -> State {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.meet(&b)),
        (only, None) | (None, only) => only,
    }
}

struct Walk<'a> {
    reader: Reader<'a>,
    /// What holds where control leaves what has this name, by `break` and by `continue`.
    targets: HashMap<Label, [State; 2]>,
    proved: HashSet<Check>,
    /// Whether what is known here is known for good.
    records: bool,
    fuel: u32,
}

impl Walk<'_> {
    fn block(&mut self, block: &Block, mut state: State) -> State {
        for stmt in &block.stmts {
            state = self.stmt(stmt, state?);
        }
        state
    }

    fn stmt(&mut self, stmt: &Stmt, mut facts: Facts) -> State {
        self.fuel = self.fuel.saturating_sub(1);
        if self.fuel == 0 {
            return None;
        }
        match &stmt.kind {
            StmtKind::Assign { place, value } => {
                self.expr(*value, &mut facts);
                self.place(place, &mut facts);
                if place.projections.is_empty() {
                    self.reader.assign(&mut facts, place.local, *value);
                } else if !is_behind_pointer(self.reader.func, place) {
                    facts.forget(place.local);
                }
                Some(facts)
            }
            StmtKind::Eval(value) => {
                self.expr(*value, &mut facts);
                Some(facts)
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => {
                self.expr(*cond, &mut facts);
                let mut second = facts.clone();
                self.reader.assume(&mut facts, *cond, true);
                self.reader.assume(&mut second, *cond, false);
                let then = self.block(then, Some(facts));
                let otherwise = self.block(otherwise, Some(second));
                meet(then, otherwise)
            }
            StmtKind::For(for_loop) => {
                for bound in [for_loop.start, for_loop.end, for_loop.step] {
                    self.expr(bound, &mut facts);
                }
                let mut effects = Effects::of_block(self.reader.func, &for_loop.body);
                effects.vars.insert(for_loop.var);
                let changed = |local: LocalId| {
                    effects.assigned.contains(&local) || effects.vars.contains(&local)
                };
                let ends = [for_loop.start, for_loop.end]
                    .map(|bound| self.reader.bounds(&facts, bound).unwrap_or_default());
                let is_unsigned = self.reader.bounds(&facts, for_loop.end).is_some();
                facts.forget(for_loop.var);
                let enter = |walk: &Self, facts: &mut Facts| {
                    facts.forget(for_loop.var);
                    if is_unsigned {
                        let range = (&ends[0], &ends[1]);
                        let inclusive = for_loop.inclusive;
                        (walk.reader).enter(facts, for_loop.var, range, inclusive, changed);
                    }
                };
                if for_loop.hints.cold {
                    effects
                        .assigned
                        .iter()
                        .for_each(|&local| facts.forget(local));
                    return Some(facts);
                }
                let (start, left) =
                    self.repeat(for_loop.label, facts, &effects, |walk, mut facts| {
                        enter(walk, &mut facts);
                        let end = walk.block(&for_loop.body, Some(facts));
                        end.map(|mut facts| {
                            facts.forget(for_loop.var);
                            facts
                        })
                    });
                meet(Some(start), left)
            }
            StmtKind::While { label, cond, body } => {
                let effects = Effects::of_block(self.reader.func, body);
                let (mut start, left) = self.repeat(*label, facts, &effects, |walk, mut facts| {
                    walk.expr(*cond, &mut facts);
                    walk.reader.assume(&mut facts, *cond, true);
                    walk.block(body, Some(facts))
                });
                let records = std::mem::replace(&mut self.records, false);
                self.expr(*cond, &mut start);
                self.records = records;
                self.reader.assume(&mut start, *cond, false);
                meet(Some(start), left)
            }
            StmtKind::Forever { label, body } => {
                let effects = Effects::of_block(self.reader.func, body);
                let (_, left) = self.repeat(*label, facts, &effects, |walk, facts| {
                    walk.block(body, Some(facts))
                });
                left
            }
            StmtKind::Labeled { label, body } => {
                let outer = self.targets.insert(*label, [None, None]);
                let end = self.block(body, Some(facts));
                let [left, _] = self.targets.remove(label).unwrap_or_default();
                if let Some(outer) = outer {
                    self.targets.insert(*label, outer);
                }
                meet(end, left)
            }
            StmtKind::Break(label) => {
                self.leave(*label, 0, facts);
                None
            }
            StmtKind::Continue(label) => {
                self.leave(*label, 1, facts);
                None
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(*value, &mut facts);
                }
                None
            }
            StmtKind::Trap { operands, .. } => {
                for &operand in operands {
                    self.expr(operand, &mut facts);
                }
                None
            }
            StmtKind::Call { .. } | StmtKind::HostCall { .. } | StmtKind::Parallel(_) => {
                stmt.kind.for_each_expr(|expr| self.expr(expr, &mut facts));
                if let Some(place) = stmt.kind.place() {
                    self.place(place, &mut facts);
                    if !is_behind_pointer(self.reader.func, place) {
                        facts.forget(place.local);
                    }
                }
                Some(facts)
            }
        }
    }

    fn leave(&mut self, label: Label, how: usize, facts: Facts) {
        if let Some(states) = self.targets.get_mut(&label) {
            let known = states[how].take();
            states[how] = meet(known, Some(facts));
        }
    }

    /// What holds at the start of each iteration, and where the loop is left by `break`. `iteration` gives what holds at its end.
    fn repeat(
        &mut self,
        label: Label,
        facts: Facts,
        effects: &Effects,
        mut iteration: impl FnMut(&mut Self, Facts) -> State,
    ) -> (Facts, State) {
        let records = std::mem::replace(&mut self.records, false);
        let mut start = facts;
        // What is never assigned in the loop stays as it is, and most other facts go at once.
        let mut once = |walk: &mut Self, facts: Facts| {
            walk.targets.insert(label, [None, None]);
            let end = iteration(walk, facts);
            let [left, next] = walk.targets.remove(&label).unwrap_or_default();
            (meet(end, next), left)
        };
        let mut is_stable = effects.assigned.is_empty() && effects.vars.is_empty();
        while !is_stable && self.fuel > 0 {
            let (end, _) = once(self, start.clone());
            let next = match &end {
                Some(end) => start.keep(end),
                None => start.clone(),
            };
            is_stable = next == start;
            start = next;
        }
        self.records = records;
        let (_, left) = once(self, start.clone());
        (start, left)
    }

    fn place(&mut self, place: &Place, facts: &mut Facts) {
        let mut base = Place::local(place.local);
        for step in &place.projections {
            if let Projection::Index { index, site } = step {
                self.expr(*index, facts);
                if site.is_some() {
                    if self.records && self.reader.is_below_len(facts, *index, &base) {
                        self.proved.insert(Check::Index(*index));
                    }
                    self.reader.assume_below_len(facts, *index, &base);
                }
            }
            base.projections.push(step.clone());
        }
    }

    fn expr(&mut self, id: ExprId, facts: &mut Facts) {
        self.fuel = self.fuel.saturating_sub(1);
        let func = self.reader.func;
        let Some(expr) = func.exprs.get(id) else {
            return;
        };
        if self.fuel == 0 {
            return;
        }
        match &expr.kind {
            ExprKind::ShortCircuit { or, lhs, rhs } => {
                self.expr(*lhs, facts);
                let mut lazy = facts.clone();
                self.reader.assume(&mut lazy, *lhs, !*or);
                self.expr(*rhs, &mut lazy);
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => {
                self.expr(*cond, facts);
                for (value, holds) in [(*then, true), (*otherwise, false)] {
                    let mut lazy = facts.clone();
                    self.reader.assume(&mut lazy, *cond, holds);
                    self.expr(value, &mut lazy);
                }
            }
            ExprKind::Load(place) | ExprKind::Borrow(place) | ExprKind::Len(place) => {
                self.place(place, facts);
            }
            ExprKind::SubSlice {
                base,
                start,
                end,
                site,
            } => {
                self.place(base, facts);
                for bound in [start, end].into_iter().flatten() {
                    self.expr(*bound, facts);
                }
                let reader = &self.reader;
                let within = match (start, end) {
                    (None, None) => true,
                    (Some(start), None) => reader.is_within_len(facts, *start, base),
                    (None, Some(end)) => reader.is_within_len(facts, *end, base),
                    (Some(start), Some(end)) => {
                        reader.is_at_most(facts, *start, *end)
                            && reader.is_within_len(facts, *end, base)
                    }
                };
                if site.is_some() && self.records && within {
                    self.proved.insert(Check::Own(id));
                }
            }
            kind => {
                kind.for_each_operand(|operand| self.expr(operand, facts));
                if let ExprKind::Binary {
                    op: BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul,
                    site: Some(_),
                    ..
                } = kind
                    && self.records
                    && self.reader.fits(facts, id)
                {
                    self.proved.insert(Check::Own(id));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
