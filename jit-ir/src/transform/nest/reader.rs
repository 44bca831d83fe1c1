//! Reads the statements of a nest: which elements they use, and what only has a name.

use std::collections::{HashMap, HashSet};

use super::{Counted, MAX_NAMED, Refusal};
use crate::analysis::affine::Scope;
use crate::analysis::poly::{Poly, Symbol};
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::stmt::{Stmt, StmtKind};
use crate::ty::Ty;

/// An access of an element.
pub(super) struct Access {
    pub(super) slice: LocalId,
    pub(super) index: ExprId,
    pub(super) poly: Option<Poly>,
    pub(super) write: bool,
    pub(super) part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Prefix,
    Around,
    Body,
}

/// Collects what an analysis of a nest needs.
pub(super) struct Reader<'f> {
    pub(super) scope: Scope<'f>,
    pub(super) func: &'f Function,
    pub(super) assigned: HashMap<LocalId, usize>,
    pub(super) lets: HashMap<LocalId, ExprId>,
    pub(super) accesses: Vec<Access>,
    /// The locals that were read so far, in the order of the source. What is read before its assignment has the value of the iteration
    /// before, and is no name for anything.
    pub(super) seen: HashSet<LocalId>,
}

impl Reader<'_> {
    /// Remembers the locals that an expression reads.
    pub(super) fn see(&mut self, id: ExprId) {
        let Some(expr) = self.func.exprs.get(id) else {
            return;
        };
        self.seen.extend(expr.kind.place().map(|place| place.local));
        let mut operands = Vec::new();
        expr.kind.for_each_operand(|operand| operands.push(operand));
        for operand in operands {
            self.see(operand);
        }
    }

    /// Remembers the locals that statements read.
    pub(super) fn see_stmts(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            let mut exprs = Vec::new();
            stmt.kind.for_each_expr(|expr| exprs.push(expr));
            for expr in exprs {
                self.see(expr);
            }
            match &stmt.kind {
                StmtKind::For(row) => self.see_stmts(&row.body.stmts),
                StmtKind::If {
                    then, otherwise, ..
                } => {
                    self.see_stmts(&then.stmts);
                    self.see_stmts(&otherwise.stmts);
                }
                _ => {}
            }
        }
    }

    /// Whether a value does not change in the nest, but with induction variables, and reads no memory that the nest writes.
    pub(super) fn read(&mut self, id: ExprId, part: Part) -> Result<(), Refusal> {
        let expr = self.func.exprs.get(id).ok_or(Refusal::Form)?;
        match &expr.kind {
            ExprKind::Const(_)
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Select { .. }
            | ExprKind::ShortCircuit { .. }
            | ExprKind::Cast { .. }
            | ExprKind::Call { .. } => {}
            ExprKind::Load(place) => self.access(place, false, part)?,
            ExprKind::Len(place) if place.projections.is_empty() => {
                if !self.is_param(place.local) {
                    return Err(Refusal::Form);
                }
            }
            _ => return Err(Refusal::Form),
        }
        let mut operands = Vec::new();
        expr.kind.for_each_operand(|operand| operands.push(operand));
        operands
            .into_iter()
            .try_for_each(|operand| self.read(operand, part))
    }

    pub(super) fn is_param(&self, local: LocalId) -> bool {
        local.index() < self.func.params.len() && !self.assigned.contains_key(&local)
    }

    pub(super) fn access(&mut self, place: &Place, write: bool, part: Part) -> Result<(), Refusal> {
        let ty = &self.func.locals.get(place.local).ok_or(Refusal::Form)?.ty;
        match place.projections.as_slice() {
            [] if ty.as_scalar().is_some() => Ok(()),
            &[Projection::Index { index, site: None }] if self.is_param(place.local) => {
                let Ty::Slice { elem, .. } = ty else {
                    return Err(Refusal::Form);
                };
                elem.as_scalar().ok_or(Refusal::Form)?;
                let exact = self.scope.poly(index);
                self.accesses.push(Access {
                    slice: place.local,
                    index,
                    poly: exact
                        .filter(|exact| exact.needs.is_empty())
                        .map(|exact| exact.poly),
                    write,
                    part,
                });
                Ok(())
            }
            steps
                if !write
                    && self.is_param(place.local)
                    && matches!(ty, Ty::Ref { mutable: false, .. })
                    && (steps.iter()).all(|step| !matches!(step, Projection::Index { .. })) =>
            {
                Ok(())
            }
            _ => Err(Refusal::Form),
        }
    }

    /// Reads assignments, in order.
    pub(super) fn read_assigns(&mut self, stmts: &[Stmt], part: Part) -> Result<(), Refusal> {
        for stmt in stmts {
            let StmtKind::Assign { place, value } = &stmt.kind else {
                return Err(Refusal::Form);
            };
            self.read(*value, part)?;
            self.access(place, true, part)?;
            let mut indices = Vec::new();
            place.for_each_index(|index| indices.push(index));
            for index in indices {
                self.read(index, part)?;
            }
            self.scope.assign(stmt);
        }
        Ok(())
    }

    /// Whether this only gives a name to an expression of variables and of what does not change.
    pub(super) fn as_let(&self, stmt: &Stmt) -> Option<(LocalId, ExprId)> {
        let StmtKind::Assign { place, value } = &stmt.kind else {
            return None;
        };
        let scalar = self.func.locals.get(place.local)?.ty.as_scalar().is_some();
        let once = self.assigned.get(&place.local) == Some(&1);
        let small = self.size(*value, MAX_NAMED) <= MAX_NAMED;
        let fresh = !self.seen.contains(&place.local);
        (place.projections.is_empty() && scalar && once && small && fresh && self.is_stable(*value))
            .then_some((place.local, *value))
    }

    /// How many operations an expression has where names are written out, or more than `most`.
    pub(super) fn size(&self, id: ExprId, most: usize) -> usize {
        let Some(expr) = self.func.exprs.get(id) else {
            return most + 1;
        };
        let mut size = 1;
        if let ExprKind::Load(place) = &expr.kind
            && place.projections.is_empty()
            && let Some(&value) = self.lets.get(&place.local)
        {
            size += self.size(value, most);
        }
        expr.kind.for_each_operand(|operand| {
            if size <= most {
                size += self.size(operand, most);
            }
        });
        size
    }

    /// Whether an expression loads elements.
    pub(super) fn loads_elements(&self, id: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(id) else {
            return true;
        };
        let mut loads = expr.kind.place().is_some_and(|place| {
            (place.projections.iter()).any(|step| matches!(step, Projection::Index { .. }))
                || self
                    .lets
                    .get(&place.local)
                    .is_some_and(|&value| self.loads_elements(value))
        });
        expr.kind
            .for_each_operand(|operand| loads = loads || self.loads_elements(operand));
        loads
    }

    pub(super) fn is_stable(&self, id: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(id) else {
            return false;
        };
        let mut stable = match &expr.kind {
            ExprKind::Const(_)
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Cast { .. }
            | ExprKind::Call { .. } => true,
            ExprKind::Len(place) => place.projections.is_empty() && self.is_param(place.local),
            ExprKind::Load(place) => match place.projections.as_slice() {
                [] => {
                    self.lets.contains_key(&place.local)
                        || !self.assigned.contains_key(&place.local)
                }
                [Projection::Index { .. }] => {
                    self.is_param(place.local)
                        && !self.scope.effects().stored_through.contains(&place.local)
                }
                _ => false,
            },
            _ => false,
        };
        expr.kind
            .for_each_operand(|operand| stable = stable && self.is_stable(operand));
        stable
    }

    pub(super) fn symbol(&mut self, counted: Counted) -> Option<Symbol> {
        self.scope.symbols.find_local(counted.var)
    }
}
