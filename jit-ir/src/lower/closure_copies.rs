//! Closures that own what they captured: `move` closures, of which each copy has a state of its own.

use std::rc::Rc;

use super::binding::{Binding, Scope};
use super::closure::Closure;
use super::diag::Code;
use super::infer::ITy;
use super::iter::Copies;
use super::state::Lowering;
use crate::expr::{ExprId, ExprKind};
use crate::hir::{self, Span};

impl<'a> Lowering<'a> {
    /// `move`: the closure has copies of the variables that it names, made now. Variables that never change need none. Returns the names of
    /// what may change.
    pub(super) fn copy_captured(
        &mut self,
        expr: &hir::ExprClosure,
        scopes: &mut [Scope],
    ) -> Vec<String> {
        let mut names = Vec::new();
        super::captures::for_each_name(&expr.body, &mut |ident| names.push(ident.clone()));
        let mut owned = Vec::new();
        let mut copies = Copies::new();
        for name in names {
            if owned.contains(&name.name) {
                continue;
            }
            let Some(found) = self.lookup_binding(&name) else {
                continue;
            };
            let copy = match found {
                Binding::Local(local) => {
                    let ty = self.local_tys[local.index()].clone();
                    let is_moved = matches!(
                        self.infer.shallow(&ty),
                        ITy::Slice { mutable: true, .. } | ITy::Ref { mutable: true, .. }
                    );
                    if !self.locals[local].mutable || is_moved {
                        continue;
                    }
                    Binding::Local(self.copy_of_local(local, &mut copies))
                }
                Binding::Alias(value) if self.has_own_state(value) => {
                    Binding::Alias(self.copy_of_closure(value, &mut copies))
                }
                // It is moved.
                Binding::Alias(value) if self.iter_of(value).is_some() => {
                    owned.push(name.name);
                    continue;
                }
                Binding::Alias(_) => continue,
            };
            let mut scopes = scopes.iter_mut().rev();
            if let Some((binding, _)) = scopes.find_map(|scope| scope.get_mut(&name.name)) {
                *binding = Some(copy);
                owned.push(name.name);
            }
        }
        self.restore(&copies, expr.span());
        owned
    }

    /// The closure that a value is, if copies of it have a state of their own.
    fn closure_with_state(&self, value: ExprId) -> Option<&Closure<'a>> {
        let ITy::Closure(id) = self.infer.shallow(&self.ty_of(value)) else {
            return None;
        };
        let closure = self.closures.get(id.0)?;
        (!closure.owned.is_empty()).then_some(closure)
    }

    /// Whether a value is a closure, no reference to one, that has a state of its own.
    pub(super) fn has_own_state(&self, value: ExprId) -> bool {
        (self.closure_with_state(value)).is_some_and(|closure| !closure.borrowed)
    }

    /// A closure as a value: a copy, or what is moved, in the same state.
    pub(super) fn copy_closure(&mut self, value: ExprId) -> ExprId {
        if !self.has_own_state(value) {
            return value;
        }
        let mut copies = Copies::new();
        let copy = self.copy_of_closure(value, &mut copies);
        self.restore(&copies, self.span_of(value));
        copy
    }

    /// The closure that a reference leads to, as a value.
    pub(super) fn copy_behind(&mut self, value: ExprId) -> ExprId {
        match self.with_borrowed(value, false) {
            Some(closure) => self.copy_closure(closure),
            None => value,
        }
    }

    /// The same closure with variables of its own, which [`Lowering::restore`] gives their values.
    pub(super) fn copy_of_closure(&mut self, value: ExprId, copies: &mut Copies) -> ExprId {
        let ITy::Closure(id) = self.infer.shallow(&self.ty_of(value)) else {
            return value;
        };
        let Some(closure) = self
            .closures
            .get(id.0)
            .filter(|_| self.has_own_state(value))
        else {
            return value;
        };
        let closure = closure.clone();
        let mut scopes = (*closure.scopes).clone();
        for name in &closure.owned {
            let found = (scopes.iter_mut().rev()).find_map(|scope| scope.get_mut(name));
            let Some((Some(binding), _)) = found else {
                continue;
            };
            *binding = match *binding {
                Binding::Local(local) => Binding::Local(self.copy_of_local(local, copies)),
                Binding::Alias(value) => Binding::Alias(match self.iter_of(value) {
                    Some(iter) => {
                        let iter = self.copy_of(iter, copies);
                        self.placeholder(ITy::Iter(iter), self.span_of(value))
                    }
                    None => self.copy_of_closure(value, copies),
                }),
            };
        }
        let scopes = Rc::new(scopes);
        self.push_closure(Closure { scopes, ..closure }, self.span_of(value))
    }

    /// What `&mut f` and `&f` are, if `f` names a closure: the same, of which copies share the state.
    pub(super) fn borrowed_callable(&mut self, expr: &hir::Expr) -> Option<ExprId> {
        let value = self.named_closure(expr)?;
        match self.with_borrowed(value, true) {
            Some(borrowed) => Some(borrowed),
            None => Some(self.copy_stable(value)),
        }
    }

    /// What is called. A call changes the state of what it names.
    pub(super) fn lower_callee(&mut self, expr: &hir::Expr) -> ExprId {
        match self.named_closure(expr) {
            Some(value) => self.copy_stable(value),
            None => self.lower_callable(expr),
        }
    }

    fn named_closure(&self, expr: &hir::Expr) -> Option<ExprId> {
        let path = match super::expr::strip_groups(expr) {
            hir::Expr::Path(path) => path,
            // What a reference to a closure leads to is named by it.
            hir::Expr::Unary(unary) if matches!(unary.op, hir::UnOp::Deref(_)) => {
                return self.named_closure(&unary.expr);
            }
            _ => return None,
        };
        let Binding::Alias(value) = self.lookup_binding(path.path.get_ident()?)? else {
            return None;
        };
        let is_closure = matches!(self.infer.shallow(&self.ty_of(value)), ITy::Closure(_));
        is_closure.then_some(value)
    }

    /// A closure with state that is a reference, or is none.
    fn with_borrowed(&mut self, value: ExprId, borrowed: bool) -> Option<ExprId> {
        let closure = self.closure_with_state(value)?.clone();
        let span = self.span_of(value);
        Some(self.push_closure(
            Closure {
                borrowed,
                ..closure
            },
            span,
        ))
    }

    /// Closures with state have names, by which they are copied; parts of other values have none.
    pub(super) fn refuse_held_closures(&mut self, kind: &ExprKind, span: Span) {
        let held = match kind {
            _ if self.closures.is_empty() => return,
            ExprKind::Tuple(elems) | ExprKind::Array(elems) | ExprKind::Struct(elems) => {
                elems.iter().any(|elem| self.has_own_state(*elem))
            }
            ExprKind::Repeat(elem) => self.has_own_state(*elem),
            _ => false,
        };
        if held {
            self.refuse_held_closure(span);
        }
    }

    /// Reports a closure with state where it cannot be told from its copies.
    pub(super) fn refuse_held_closure(&mut self, span: Span) {
        self.diags.report(
            Code::Expression,
            span,
            "a `move` closure with variables of its own as a part of another value cannot be captured by `#[jit]`",
            "give the closure a name with `let`, or leave `move` out",
        );
    }
}
