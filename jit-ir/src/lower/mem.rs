//! `std::mem`: `swap`, `replace`, `take`, `size_of`.

use super::consts::scalar_const;
use super::diag::Code;
use super::externs::Question;
use super::infer::ITy;
use super::paths::path_text;
use super::state::{Lowering, Value};
use crate::expr::{ExprKind, NamedConst, Place};
use crate::hir::{self, Span};
use crate::instance::Extern;
use crate::stmt::StmtKind;
use crate::ty::ScalarTy;

impl Lowering<'_> {
    /// A call of a function of `std::mem`. `None`: it is none.
    pub(super) fn lower_mem_call(
        &mut self,
        call: &hir::ExprCall,
        path: &hir::Path,
    ) -> Option<Value> {
        let shown = path_text(path);
        let name = (shown.strip_prefix("std::").or(shown.strip_prefix("core::")))
            .unwrap_or(&shown)
            .strip_prefix("mem::")?;
        let span = call.span();
        Some(match (name, call.args.as_slice()) {
            ("swap", [first, second]) => {
                let (Some((a, ty)), Some((b, other))) = (
                    self.lower_exclusive(first, true),
                    self.lower_exclusive(second, false),
                ) else {
                    return Some(Value::Unit);
                };
                self.expect_ty(&other, &ty, span);
                let left = self.copy_out(&a, &ty, span);
                let right = self.copy_out(&b, &ty, span);
                for (place, kept) in [(b, left), (a, right)] {
                    let value = self.push_expr(ExprKind::Load(kept), ty.clone(), span);
                    self.emit(StmtKind::Assign { place, value }, span);
                }
                Value::Unit
            }
            ("replace", [target, value]) => {
                let target = self.lower_exclusive(target, true);
                let value = self.lower_operand(value);
                let Some((place, ty)) = target else {
                    return Some(Value::Expr(self.poison(span)));
                };
                let value = self.coerce(value, &ty);
                let value = self.evaluate(value);
                let kept = self.copy_out(&place, &ty, span);
                self.emit(StmtKind::Assign { place, value }, span);
                Value::Expr(self.push_expr(ExprKind::Load(kept), ty, span))
            }
            ("take", [target]) => {
                let Some((place, ty)) = self.lower_exclusive(target, true) else {
                    return Some(Value::Expr(self.poison(span)));
                };
                let kept = self.copy_out(&place, &ty, span);
                let value = match self.infer.shallow(&ty) {
                    ITy::Slice { .. } => {
                        let end = Some(self.count(0, span));
                        let kind = ExprKind::SubSlice {
                            base: kept.clone(),
                            start: None,
                            end,
                            site: None,
                        };
                        self.push_expr(kind, ty.clone(), span)
                    }
                    shallow => match shallow == ITy::BOOL {
                        true => self.truth(false, span),
                        false if super::types::scalar_of(&shallow).is_some() => {
                            self.push_expr(ExprKind::Named(NamedConst::Zero), ty.clone(), span)
                        }
                        false => {
                            self.refuse(span, "`take` of this", "write `std::mem::replace`");
                            return Some(Value::Expr(self.poison(span)));
                        }
                    },
                };
                self.emit(StmtKind::Assign { place, value }, span);
                Value::Expr(self.push_expr(ExprKind::Load(kept), ty, span))
            }
            _ => return None,
        })
    }

    /// `size_of::<T>()` and `align_of::<T>()`, which rustc knows.
    pub(super) fn lower_size_of(
        &mut self,
        call: &hir::ExprCall,
        path: &hir::Path,
    ) -> Option<Value> {
        let shown = path_text(path);
        let name = (shown.strip_prefix("std::").or(shown.strip_prefix("core::"))).unwrap_or(&shown);
        let name = name.strip_prefix("mem::").unwrap_or(name);
        let types = match &path.segments.last()?.arguments {
            hir::PathArguments::AngleBracketed(types) => types.len(),
            _ => 0,
        };
        if !matches!(name, "size_of" | "align_of") || types != 1 || !call.args.is_empty() {
            return None;
        }
        let (node, span) = (call.func.span(), call.span());
        let value = match self.ask(node, Question::Value) {
            Some(Extern::Const(info)) => scalar_const(&info.bytes, ScalarTy::Usize),
            _ => None,
        };
        let kind = match value {
            Some(value) => ExprKind::Const(value),
            None if self.context_is_open() => ExprKind::Zeroed,
            None => {
                self.refuse_callee(node, &format!("the function `{shown}`"));
                return Some(Value::Expr(self.poison(span)));
            }
        };
        Some(Value::Expr(self.push_expr(kind, ITy::USIZE, span)))
    }

    /// The place that a `&mut` argument leads to, in bounds before what comes next; the last one may panic where it is used.
    fn lower_exclusive(&mut self, arg: &hir::Expr, check: bool) -> Option<(Place, ITy)> {
        let before = self.diags.len();
        let value = self.lower_operand(arg);
        let ty = self.ty_of(value);
        match self.infer.shallow(&ty) {
            ITy::Ref { to, mutable: true } => {
                let place = self.pointee(value);
                let place = self.fix_place(place, check, arg.span());
                Some((place, *to))
            }
            other if self.is_reported(&other) || self.diags.len() > before => None,
            _ => {
                self.diags.report(
                    Code::Call,
                    arg.span(),
                    "this argument cannot be captured by `#[jit]`",
                    "write `&mut` and a variable, an element or a field",
                );
                None
            }
        }
    }

    /// What is at a place, in a variable of its own.
    fn copy_out(&mut self, place: &Place, ty: &ITy, span: Span) -> Place {
        let copy = self.copy_place(place);
        let value = self.push_expr(ExprKind::Load(copy), ty.clone(), span);
        self.hold_value(value).0
    }
}
