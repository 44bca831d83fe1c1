//! Methods of `Option` that change it where it is: `take`, `replace`, `insert`, `get_or_insert`, `as_mut`.

use super::infer::ITy;
use super::state::{Lowering, Value};
use crate::expr::{ExprId, ExprKind, Place};
use crate::hir::{self, Span};
use crate::stmt::StmtKind;

/// Whether a method of `Option` changes it.
pub(super) fn changes_option(name: &str, n_args: usize) -> bool {
    matches!(
        (name, n_args),
        ("take" | "as_mut", 0)
            | (
                "replace" | "insert" | "get_or_insert" | "get_or_insert_with",
                1
            )
    )
}

impl Lowering<'_> {
    /// One of these methods, of the `Option` at a place.
    pub(super) fn option_place_method(
        &mut self,
        call: &hir::ExprMethodCall,
        place: Place,
        some: ITy,
    ) -> Value {
        let span = call.span();
        let place = self.fix_place(place, true, span);
        let name = call.method.name.as_str();
        let option = ITy::Option(Box::new(some.clone()));
        let arg = match call.args.as_slice() {
            [f] if name == "get_or_insert_with" => Some(self.lower_callable(f)),
            [value] => {
                let value = self.lower_operand(value);
                let value = self.coerce(value, &some);
                Some(self.evaluate(value))
            }
            _ => None,
        };
        match (name, arg) {
            ("take" | "replace", arg) => {
                let copy = self.copy_place(&place);
                let kept = self.push_expr(ExprKind::Load(copy), option.clone(), span);
                let (kept, _) = self.hold_value(kept);
                let value = match arg {
                    Some(value) => self.some(value, span),
                    None => self.none(span),
                };
                self.store_option(&place, value, &option, span);
                Value::Expr(self.push_expr(ExprKind::Load(kept), option, span))
            }
            ("insert", Some(value)) => {
                let value = self.some(value, span);
                self.store_option(&place, value, &option, span);
                Value::Expr(self.payload_of(&place, some, span))
            }
            ("get_or_insert" | "get_or_insert_with", Some(arg)) => {
                let tag = self.copy_place(&place).field(0);
                let tag = self.push_expr(ExprKind::Load(tag), ITy::BOOL, span);
                let ((), stmts) = self.in_frame(|this| {
                    let value = match name {
                        "get_or_insert" => Value::Expr(arg),
                        _ => this.call_value(arg, Vec::new(), span),
                    };
                    if let Value::Expr(value) = value {
                        let value = this.some(value, span);
                        this.store_option(&place, value, &option, span);
                    }
                });
                self.emit_branch(tag, Vec::new(), stmts, span);
                Value::Expr(self.payload_of(&place, some, span))
            }
            _ => {
                // `as_mut`: the reference is looked at only if there is something.
                let tag = self.copy_place(&place).field(0);
                let tag = self.push_expr(ExprKind::Load(tag), ITy::BOOL, span);
                let tag = self.evaluate(tag);
                let payload = self.payload_of(&place, some, span);
                Value::Expr(self.option(tag, payload, span))
            }
        }
    }

    fn store_option(&mut self, place: &Place, value: ExprId, option: &ITy, span: Span) {
        self.expect_expr(value, option);
        let place = self.copy_place(place);
        self.emit(StmtKind::Assign { place, value }, span);
    }

    fn payload_of(&mut self, place: &Place, some: ITy, span: Span) -> ExprId {
        let place = self.copy_place(place).field(1);
        let (to, mutable) = (Box::new(some), true);
        self.push_expr(ExprKind::Borrow(place), ITy::Ref { to, mutable }, span)
    }
}
