//! `a[i]` of a user's type, whose `Index` is jitted.

use super::diag::Code;
use super::externs::Question;
use super::infer::{ITy, Unknown};
use super::place::Base;
use super::state::{Lowering, Value};
use crate::expr::{ExprId, ExprKind, Place, SiteId};
use crate::func::SiteKind;
use crate::hir;
use crate::instance::Extern;
use crate::stmt::Stmt;

impl Lowering<'_> {
    /// Whether a site is that of the call of a user's `index`, which parentheses do not move.
    pub(super) fn is_of_user_index(&self, expr: &hir::Expr, site: SiteId) -> bool {
        let span = self.sites[site.index()].span;
        matches!(super::expr::strip_groups(expr), hir::Expr::Index(index) if index.bracket == span)
    }

    /// core's `Index::index` is `#[track_caller]`, and so is every `impl` of it: what panics in it does so where it is called.
    fn locate_at_caller(&mut self, n_sites: usize, callee: u32, expr: &hir::ExprIndex) {
        let caller = self.current.number();
        let mut is_told = false;
        for site in self.sites.iter_mut().skip(n_sites) {
            if site.origin != callee {
                continue;
            }
            is_told |= !matches!(
                site.kind,
                SiteKind::Index
                    | SiteKind::Binary(_)
                    | SiteKind::Neg
                    | SiteKind::SubSlice(_)
                    | SiteKind::Length(_)
            );
            (site.span, site.origin) = (expr.bracket, caller);
        }
        if is_told {
            self.diags.report(
                Code::Panic,
                expr.span(),
                "an `Index` whose body panics with a message of its own cannot be captured by `#[jit]`",
                "let the index of a slice or an array panic",
            );
        }
    }

    /// An index of a struct, or of something that only rustc knows; `stmts` compute the index.
    pub(super) fn index_of_user(
        &mut self,
        expr: &hir::ExprIndex,
        (place, ty): (Place, ITy),
        index: ExprId,
        stmts: Vec<Stmt>,
    ) -> Option<Base> {
        let span = expr.span();
        let node = match self.exclusive {
            true => expr.bracket,
            false => span,
        };
        if self.context_is_open() {
            self.emit_all(stmts);
            let found = self.infer.shallow(&self.ty_of(index));
            // Most things are indexed by `usize`, and it may be all that tells the type of a variable.
            if let ITy::Var(_) | ITy::Scalar(crate::ty::ScalarTy::Usize) = found {
                self.expect_expr(index, &ITy::USIZE);
            }
            let index_ty = self.ty_of(index);
            if !self.infer.is_reported(&ty) {
                for node in [span, expr.bracket] {
                    let (receiver, args) = (ty.clone(), vec![index_ty.clone()]);
                    self.ask(node, Question::Method { receiver, args });
                }
            }
            let base = self.infer.shallow(&ty);
            let elem = self.infer.unknown(Unknown::Index(base, index_ty));
            if !place.projections.is_empty() {
                return Some(Base::Place(place, elem));
            }
            // A variable has a type, which is not its element's.
            let temp = self.push_temp(elem.clone(), true, span);
            let nothing = self.push_expr(ExprKind::Zeroed, elem.clone(), span);
            self.assign(temp, nothing);
            return Some(Base::Place(Place::local(temp), elem));
        }
        let Some(Extern::Callee(number)) = self.answer(node) else {
            self.emit_all(stmts);
            self.refuse_indexing(&ty, expr.expr.span());
            return None;
        };
        // What is indexed comes first.
        let place = self.fix_place(place, true, span);
        self.emit_all(stmts);
        let (to, mutable) = (Box::new(ty), self.exclusive);
        let of = self.push_expr(ExprKind::Borrow(place), ITy::Ref { to, mutable }, span);
        let n_sites = self.sites.len();
        let found = self.with_exclusive(false, |this| {
            this.call_instance(number, vec![of, index], node, span)
        });
        self.locate_at_caller(n_sites, number as u32, expr);
        let Value::Expr(found) = found else {
            return None;
        };
        match self.infer.shallow(&self.ty_of(found)) {
            ITy::Ref { to, .. } => Some(Base::Place(self.pointee(found), *to)),
            _ => Some(Base::Value(found)),
        }
    }
}
