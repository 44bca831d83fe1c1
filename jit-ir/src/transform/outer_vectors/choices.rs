//! Conditions that decide what locals are: each lane chooses.

use super::{Copy, Reader, mentions};
use crate::expr::{ExprId, ExprKind};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, StmtKind};
use crate::transform::edit::Edit;
use crate::ty::ScalarTy;

/// What a local becomes where a condition holds, and where it does not; nothing else: it stays what it is.
pub(super) struct Choice {
    pub(super) local: LocalId,
    then: Option<ExprId>,
    otherwise: Option<ExprId>,
}

/// What two branches assign, in an order in which one after the other may be chosen: no value depends on another one, and a local that the condition
/// depends on is last.
pub(super) fn choices(func: &Function, cond: ExprId, branches: [&Block; 2]) -> Option<Vec<Choice>> {
    let mut choices: Vec<Choice> = Vec::new();
    for (number, branch) in branches.into_iter().enumerate() {
        for stmt in &branch.stmts {
            let StmtKind::Assign { place, value } = &stmt.kind else {
                return None;
            };
            place.projections.is_empty().then_some(())?;
            let local = place.local;
            let known = choices.iter().position(|choice| choice.local == local);
            let choice = match known {
                Some(known) => &mut choices[known],
                None => {
                    choices.push(Choice {
                        local,
                        then: None,
                        otherwise: None,
                    });
                    choices.last_mut()?
                }
            };
            let value = Some(*value);
            let before = match number {
                0 => std::mem::replace(&mut choice.then, value),
                _ => std::mem::replace(&mut choice.otherwise, value),
            };
            before.is_none().then_some(())?;
        }
    }
    for choice in &choices {
        for other in choices.iter().filter(|other| other.local != choice.local) {
            let values = [choice.then, choice.otherwise];
            let depends = |value: ExprId| mentions(func, value, other.local);
            if values.into_iter().flatten().any(depends) {
                return None;
            }
        }
    }
    let (compared, mut order): (Vec<Choice>, Vec<Choice>) =
        (choices.into_iter()).partition(|choice| mentions(func, cond, choice.local));
    (compared.len() <= 1).then(|| {
        order.extend(compared);
        order
    })
}

impl Reader<'_> {
    /// A condition that decides what locals become.
    pub(super) fn choice(
        &mut self,
        cond: ExprId,
        branches: [&Block; 2],
        depth: usize,
    ) -> Option<()> {
        let func = self.func;
        self.condition(cond, depth)?;
        let choices = choices(func, cond, branches)?;
        for choice in &choices {
            for value in [choice.then, choice.otherwise].into_iter().flatten() {
                self.value(value, depth)?;
                (!self.loads_memory(value)).then_some(())?;
            }
            let local = choice.local;
            let ty = func.locals[local].ty.as_scalar()?;
            let names = self.names.contains_key(&local);
            if names || ty == ScalarTy::Bool || ty.bits() > 64 || !self.written.contains(&local) {
                return None;
            }
            // An iteration compares with what the one before has left.
            if depth > 0 && mentions(func, cond, local) {
                self.chooses = true;
                self.carries = true;
                self.moves |= self.varies(cond);
            }
            self.carries |= depth > 0 && ty.is_float();
        }
        Some(())
    }

    /// Whether a condition can be computed for all lanes, all of it in each.
    fn condition(&mut self, cond: ExprId, depth: usize) -> Option<()> {
        let ExprKind::ShortCircuit { lhs, rhs, .. } = self.func.exprs[cond].kind else {
            return self.value(cond, depth);
        };
        self.condition(lhs, depth)?;
        self.condition(rhs, depth)?;
        (!self.loads_memory(rhs)).then_some(())
    }
}

impl Copy<'_> {
    /// What a local becomes in a lane.
    pub(super) fn chosen(
        &self,
        edit: &mut Edit<'_>,
        cond: ExprId,
        choice: &Choice,
        lane: LocalId,
    ) -> ExprId {
        let value = |edit: &mut Edit<'_>, value: Option<ExprId>| match value {
            Some(value) => self.expr(edit, value, Some(lane)),
            None => {
                let same = edit.load(choice.local);
                self.expr(edit, same, Some(lane))
            }
        };
        let (then, otherwise) = (value(edit, choice.then), value(edit, choice.otherwise));
        self.between(edit, cond, (then, otherwise), lane)
    }

    /// One of two values, which are computed in any case.
    fn between(
        &self,
        edit: &mut Edit<'_>,
        cond: ExprId,
        (then, otherwise): (ExprId, ExprId),
        lane: LocalId,
    ) -> ExprId {
        if let ExprKind::ShortCircuit { or, lhs, rhs } = edit.func.exprs[cond].kind {
            // Each is used twice, and an expression has one place.
            let again = match or {
                true => edit.copy(then, &mut |_, _| None),
                false => edit.copy(otherwise, &mut |_, _| None),
            };
            let inner = self.between(edit, rhs, (then, otherwise), lane);
            let values = match or {
                true => (again, inner),
                false => (inner, again),
            };
            return self.between(edit, lhs, values, lane);
        }
        let cond = self.expr(edit, cond, Some(lane));
        let ty = edit.ty(then).clone();
        let kind = ExprKind::Select {
            cond,
            then,
            otherwise,
        };
        edit.expr(kind, ty)
    }
}
