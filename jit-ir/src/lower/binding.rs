//! What names mean: variables, and what exists only while lowering.

use std::collections::HashMap;

use super::diag::Code;
use super::infer::ITy;
use super::state::Lowering;
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::func::LocalId;
use crate::hir::{Ident, UseName};

/// What a name means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Binding {
    /// A variable.
    Local(LocalId),
    /// A stable expression, which each use copies: a constant, a reference to a place that stays the same, a closure, an iterator.
    Alias(ExprId),
}

/// The names of a scope, each with the hygiene of the name. Without a binding it is imported: what it is, only rustc knows.
pub(super) type Scope = HashMap<String, (Option<Binding>, u32)>;

/// The name that a scope has for all that a glob imports, if there is one in its block.
const GLOB: &str = "*";

impl Lowering<'_> {
    pub(super) fn bind(&mut self, ident: &Ident, local: LocalId) {
        self.bind_as(ident, Binding::Local(local));
    }

    pub(super) fn bind_as(&mut self, ident: &Ident, binding: Binding) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(ident.name.clone(), (Some(binding), ident.hygiene));
        }
    }

    /// The variable that a name means. `None`, too, if the innermost variable of this spelling comes from another macro, which makes it
    /// another name for rustc.
    pub(super) fn lookup(&self, ident: &Ident) -> Option<LocalId> {
        match self.lookup_binding(ident)? {
            Binding::Local(local) => Some(local),
            Binding::Alias(_) => None,
        }
    }

    /// What a name means, as [`Lowering::lookup`].
    pub(super) fn lookup_binding(&self, ident: &Ident) -> Option<Binding> {
        let (binding, hygiene) = self.spelled(ident)?;
        (hygiene == ident.hygiene).then_some(binding)
    }

    /// The innermost binding of this spelling, and its hygiene. `None`, too, if it is imported further inside.
    pub(super) fn spelled(&self, ident: &Ident) -> Option<(Binding, u32)> {
        let mut globs = self.scopes.iter().rev().scan(false, |glob, scope| {
            let is_behind = *glob;
            *glob |= scope.contains_key(GLOB);
            Some((is_behind, scope.get(&ident.name)))
        });
        let (is_behind, found) = globs.find_map(|(is_behind, found)| Some((is_behind, *found?)))?;
        let binding = found.0?;
        // A glob further inside may have the name, too, and would come first.
        if is_behind && (self.is_item(binding) || self.is_called(binding)) {
            self.behind_globs.borrow_mut().push(ident.clone());
        }
        Some((binding, found.1))
    }

    /// Whether a name was bound by an item: a constant, a static, a function.
    pub(super) fn is_item(&self, binding: Binding) -> bool {
        match binding {
            Binding::Local(local) => self.constants.contains(&local),
            Binding::Alias(value) => self.items.contains(&value),
        }
    }

    /// Whether a name is that of a closure.
    fn is_called(&self, binding: Binding) -> bool {
        match binding {
            Binding::Local(_) => false,
            Binding::Alias(value) => {
                matches!(self.infer.shallow(&self.ty_of(value)), ITy::Closure(_))
            }
        }
    }

    /// The names that a `use` brings, which come before those of the blocks around it.
    pub(super) fn bind_imports(&mut self, names: &[UseName]) {
        for UseName { path, name } in names {
            // What std has at its root are modules.
            let is_module = matches!(path.as_slice(), [root, _] if root == "std" || root == "core");
            if is_module
                || self
                    .scopes
                    .iter()
                    .all(|scope| !scope.contains_key(&name.name))
                    && name != GLOB
            {
                continue;
            }
            if let Some(scope) = self.scopes.last_mut() {
                scope.insert(name.name.clone(), (None, name.hygiene));
            }
        }
    }

    /// Reports the names that a glob may have in place of the function.
    pub(super) fn refuse_names_behind_globs(&mut self) {
        let mut names = self.behind_globs.take();
        names.dedup_by_key(|ident| ident.span);
        for ident in names {
            self.diags.report(
                Code::Name,
                ident.span,
                format!("`{ident}` may be of the glob import in this block, which `#[jit]` cannot see into"),
                "import the names that are used, without `*`",
            );
        }
    }

    /// The scopes with nothing but items in them: what an item sees.
    pub(super) fn item_scopes(&self) -> Vec<Scope> {
        let of_items = |scope: &Scope| {
            (scope.iter())
                .filter(|(_, (binding, _))| binding.is_none_or(|binding| self.is_item(binding)))
                .map(|(name, binding)| (name.clone(), *binding))
                .collect()
        };
        self.scopes.iter().map(of_items).collect()
    }

    pub(super) fn in_scope<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        self.scopes.push(Scope::new());
        let result = run(self);
        self.scopes.pop();
        result
    }

    /// Whether a second evaluation, or a later one, gives the same value and does not trap: constants, variables that never change, and
    /// references to places that stay the same.
    pub(super) fn is_stable(&self, expr: ExprId) -> bool {
        match &self.exprs[expr].kind {
            ExprKind::Const(_)
            | ExprKind::Named(_)
            | ExprKind::DebugAssertions
            | ExprKind::Table(_)
            | ExprKind::Zeroed => true,
            ExprKind::Load(place) => {
                place.projections.is_empty() && !self.locals[place.local].mutable
            }
            // The length of a slice does not change unless the variable does.
            ExprKind::Len(place) => {
                place.projections.is_empty() && !self.locals[place.local].mutable
            }
            ExprKind::Borrow(place) => self.stays(place),
            ExprKind::SubSlice {
                base,
                start,
                end,
                site: None,
            } => {
                self.stays_as_slice(base)
                    && start.is_none_or(|start| self.is_stable(start))
                    && end.is_none_or(|end| self.is_stable(end))
            }
            ExprKind::Tuple(elems) => elems.iter().all(|elem| self.is_stable(*elem)),
            // Arithmetic on indices.
            ExprKind::Binary {
                op: BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul,
                lhs,
                rhs,
                site: None,
            } => self.is_stable(*lhs) && self.is_stable(*rhs),
            _ => false,
        }
    }

    /// Whether a place is the same memory each time, and getting there does not trap. What is stored there may change.
    fn stays(&self, place: &Place) -> bool {
        let steps_stay = place.projections.iter().all(|step| match step {
            Projection::Index { index, site } => site.is_none() && self.is_stable(*index),
            Projection::Field(_) | Projection::Deref => true,
        });
        steps_stay && self.can_stay(place)
    }

    /// Whether the slice or array at a place is the same memory each time. A slice is a pointer, which is read there.
    fn stays_as_slice(&self, place: &Place) -> bool {
        let ty = self.place_ty(place);
        if !matches!(self.infer.shallow(&ty), ITy::Slice { .. }) {
            return self.stays(place);
        }
        let is_part = |step: &Projection| matches!(step, Projection::Field(_));
        place.projections.iter().all(is_part) && !self.locals[place.local].mutable
    }

    /// A second copy of a stable expression.
    pub(super) fn copy_stable(&mut self, expr: ExprId) -> ExprId {
        let kind = match self.exprs[expr].kind.clone() {
            ExprKind::Borrow(place) => ExprKind::Borrow(self.copy_place(&place)),
            ExprKind::SubSlice {
                base,
                start,
                end,
                site,
            } => ExprKind::SubSlice {
                base: self.copy_place(&base),
                start: start.map(|start| self.copy_stable(start)),
                end: end.map(|end| self.copy_stable(end)),
                site,
            },
            ExprKind::Tuple(elems) => {
                ExprKind::Tuple((elems.iter()).map(|elem| self.copy_stable(*elem)).collect())
            }
            ExprKind::Binary { op, lhs, rhs, site } => ExprKind::Binary {
                op,
                lhs: self.copy_stable(lhs),
                rhs: self.copy_stable(rhs),
                site,
            },
            kind => kind,
        };
        let copy = self.push_expr(kind, self.ty_of(expr), self.span_of(expr));
        self.copy_literal(expr, copy);
        copy
    }
}
