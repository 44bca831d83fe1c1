//! Methods of `Option` and `Result` that take closures, and comparisons that give an `Ordering`.

use super::infer::ITy;
use super::matching::Join;
use super::state::{Lowering, Value};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::hir::{self, Span};
use crate::stmt::Block;

impl Lowering<'_> {
    /// `None`: the method is none of these.
    pub(super) fn option_closure_method(
        &mut self,
        call: &hir::ExprMethodCall,
        receiver: ExprId,
    ) -> Option<Value> {
        let span = call.span();
        let name = call.method.name.as_str();
        let n_args = match name {
            "map" | "and_then" | "filter" | "unwrap_or_else" | "or_else" | "is_some_and"
            | "is_ok_and" | "is_err_and" | "is_none_or" | "map_err" | "ok_or_else" | "inspect" => 1,
            "map_or" | "map_or_else" => 2,
            _ => return None,
        };
        if call.args.len() != n_args {
            return None;
        }
        let receiver = self.auto_deref(receiver);
        let ty = self.ty_of(receiver);
        let is_option = matches!(self.infer.shallow(&ty), ITy::Option(_));
        if !is_option && !matches!(self.infer.shallow(&ty), ITy::Result(..)) {
            return None;
        }
        // Each has its own tests.
        let of_other = match name {
            "is_ok_and" | "is_err_and" | "map_err" => is_option,
            "is_some_and" | "is_none_or" | "filter" | "ok_or_else" => !is_option,
            _ => false,
        };
        if of_other {
            return None;
        }
        let subject = self.subject_of(receiver);
        let default = match name {
            "map_or" => {
                let default = self.lower_operand(&call.args[0]);
                Some(self.evaluate(default))
            }
            _ => None,
        };
        let first = match name {
            "map_or" => None,
            _ => Some(self.lower_callable(&call.args[0])),
        };
        let second = match name {
            "map_or" | "map_or_else" => Some(self.lower_callable(&call.args[1])),
            _ => None,
        };
        let cond = self.tag_of(&subject, span);
        let mut join = Join::default();
        let on = |this: &mut Self, f: Option<ExprId>, payload: Value| {
            let f = match f {
                Some(f) => this.copy_stable(f),
                None => return Value::Expr(this.poison(span)),
            };
            let args = match payload {
                Value::Expr(payload) => vec![payload],
                Value::Unit => {
                    let unit = this.push_expr(ExprKind::Zeroed, ITy::Unit, span);
                    vec![unit]
                }
                Value::Never => return Value::Never,
            };
            this.call_value(f, args, span)
        };
        let nothing = |this: &mut Self, f: Option<ExprId>| match f {
            Some(f) => {
                let f = this.copy_stable(f);
                this.call_value(f, Vec::new(), span)
            }
            None => Value::Expr(this.poison(span)),
        };
        let value_of = |this: &mut Self, value: Value| match value {
            Value::Expr(value) => value,
            Value::Unit | Value::Never => this.push_expr(ExprKind::Zeroed, ITy::Unit, span),
        };
        let ((), then) = self.in_frame(|this| {
            let payload = this.payload(&subject, 1, span);
            let value = match name {
                "map" => {
                    let value = on(this, first, payload);
                    if matches!(value, Value::Never) {
                        return;
                    }
                    let value = value_of(this, value);
                    Value::Expr(if is_option {
                        this.some(value, span)
                    } else {
                        let result = this.result(true, value, span);
                        this.same_error(result, &ty, span);
                        result
                    })
                }
                "and_then" => on(this, first, payload),
                "filter" => {
                    let payload = value_of(this, payload);
                    let payload = this.stable_value(payload);
                    let again = this.copy_stable(payload);
                    let held = this.hold(again);
                    let keep = on(this, first, Value::Expr(held));
                    let keep = value_of(this, keep);
                    Value::Expr(this.option(keep, payload, span))
                }
                "is_some_and" | "is_ok_and" | "is_none_or" => on(this, first, payload),
                "is_err_and" => Value::Expr(this.truth(false, span)),
                "map_or" | "map_or_else" => on(this, second, payload),
                "map_err" => {
                    let value = value_of(this, payload);
                    Value::Expr(this.result(true, value, span))
                }
                "ok_or_else" => {
                    let value = value_of(this, payload);
                    Value::Expr(this.result(true, value, span))
                }
                "inspect" => {
                    let payload = value_of(this, payload);
                    let payload = this.stable_value(payload);
                    let again = this.copy_stable(payload);
                    let held = this.hold(again);
                    let unused = on(this, first, Value::Expr(held));
                    if let Value::Expr(unused) = unused {
                        this.drop_value(unused);
                    }
                    Value::Expr(this.some(payload, span))
                }
                _ => {
                    if matches!(name, "or_else") {
                        let payload = value_of(this, payload);
                        Value::Expr(this.some(payload, span))
                    } else {
                        payload
                    }
                }
            };
            this.join(&mut join, value, span);
        });
        let ((), otherwise) = self.in_frame(|this| {
            let value = match name {
                "map" | "and_then" | "filter" | "inspect" if is_option => {
                    Value::Expr(this.none(span))
                }
                "map" | "and_then" => {
                    let err = this.payload(&subject, 2, span);
                    let err = value_of(this, err);
                    Value::Expr(this.result(false, err, span))
                }
                "is_some_and" | "is_ok_and" => Value::Expr(this.truth(false, span)),
                "is_none_or" => Value::Expr(this.truth(true, span)),
                "map_or" => match default {
                    Some(default) => Value::Expr(default),
                    None => Value::Unit,
                },
                "map_err" => {
                    let err = this.payload(&subject, 2, span);
                    let err = on(this, first, err);
                    let err = value_of(this, err);
                    Value::Expr(this.result(false, err, span))
                }
                "ok_or_else" => {
                    let err = nothing(this, first);
                    let err = value_of(this, err);
                    Value::Expr(this.result(false, err, span))
                }
                _ if is_option => nothing(this, first),
                _ => {
                    let err = this.payload(&subject, 2, span);
                    on(this, first, err)
                }
            };
            this.join(&mut join, value, span);
        });
        let (then, otherwise) = (Block { stmts: then }, Block { stmts: otherwise });
        self.emit_when(cond, then, otherwise, span);
        Some(self.joined(&join, span))
    }

    /// `map` of a `Result` keeps the type of the error.
    fn same_error(&mut self, result: ExprId, of: &ITy, span: Span) {
        let ty = self.ty_of(result);
        if let (ITy::Result(_, err), ITy::Result(_, expected)) =
            (self.infer.shallow(&ty), self.infer.shallow(of))
        {
            self.expect_ty(&err, &expected, span);
        }
    }

    /// `a.partial_cmp(b)`, `a.cmp(b)`, `a.total_cmp(b)`, methods of an `Ordering`, `flag.then(..)`. `None`: it is something else.
    pub(super) fn lower_ordering_method(
        &mut self,
        call: &hir::ExprMethodCall,
        receiver: ExprId,
    ) -> Option<Value> {
        let span = call.span();
        let name = call.method.name.as_str();
        let ty = self.behind_refs(&self.ty_of(receiver));
        match (name, call.args.as_slice()) {
            ("then" | "then_some", [arg]) if ty == ITy::BOOL => {
                let receiver = self.auto_deref(receiver);
                let cond = self.evaluate(receiver);
                if name == "then_some" {
                    let Some(value) = self.lower_payload(arg) else {
                        return Some(Value::Never);
                    };
                    return Some(Value::Expr(self.option(cond, value, span)));
                }
                let f = self.lower_callable(arg);
                let mut join = Join::default();
                let ((), then) = self.in_frame(|this| {
                    let value = match this.call_value(f, Vec::new(), span) {
                        Value::Expr(value) => value,
                        Value::Unit => this.push_expr(ExprKind::Zeroed, ITy::Unit, span),
                        Value::Never => return,
                    };
                    let value = this.some(value, span);
                    this.join(&mut join, Value::Expr(value), span);
                });
                let ((), otherwise) = self.in_frame(|this| {
                    let none = this.none(span);
                    this.join(&mut join, Value::Expr(none), span);
                });
                let (then, otherwise) = (Block { stmts: then }, Block { stmts: otherwise });
                self.emit_when(cond, then, otherwise, span);
                Some(self.joined(&join, span))
            }
            ("partial_cmp" | "cmp" | "total_cmp", [other])
                if matches!(ty, ITy::Scalar(_) | ITy::Param(_) | ITy::Var(_)) =>
            {
                let other = match other {
                    hir::Expr::Reference(reference) => self.lower_operand(&reference.expr),
                    other => self.lower_operand(other),
                };
                let receiver = self.auto_deref(receiver);
                let other = self.auto_deref(other);
                let ty = self.ty_of(receiver);
                self.expect_expr(other, &ty);
                Some(Value::Expr(self.order(name, receiver, other, span)))
            }
            ("reverse", []) if ty == ITy::Ordering => {
                let operand = self.auto_deref(receiver);
                let kind = ExprKind::Unary {
                    op: crate::expr::UnaryOp::Neg,
                    operand,
                    site: None,
                };
                Some(Value::Expr(self.push_expr(kind, ITy::Ordering, span)))
            }
            ("then", [other]) if ty == ITy::Ordering => {
                let receiver = self.auto_deref(receiver);
                let first = self.evaluate(receiver);
                let other = self.lower_operand(other);
                self.expect_expr(other, &ITy::Ordering);
                let other = self.evaluate(other);
                let (cond, first) = self.is_decided(first, span);
                let kind = ExprKind::Select {
                    cond,
                    then: first,
                    otherwise: other,
                };
                Some(Value::Expr(self.push_expr(kind, ITy::Ordering, span)))
            }
            ("then_with", [f]) if ty == ITy::Ordering => {
                let receiver = self.auto_deref(receiver);
                let first = self.evaluate(receiver);
                let f = self.lower_callable(f);
                let (cond, first) = self.is_decided(first, span);
                let mut join = Join::default();
                let ((), then) =
                    self.in_frame(|this| this.join(&mut join, Value::Expr(first), span));
                let ((), otherwise) = self.in_frame(|this| {
                    let value = this.call_value(f, Vec::new(), span);
                    this.join(&mut join, value, span);
                });
                self.emit_branch(cond, then, otherwise, span);
                Some(self.joined(&join, span))
            }
            ("is_lt" | "is_gt" | "is_le" | "is_ge" | "is_eq" | "is_ne", [])
                if ty == ITy::Ordering =>
            {
                let receiver = self.auto_deref(receiver);
                let op = match name {
                    "is_lt" => BinaryOp::Lt,
                    "is_gt" => BinaryOp::Gt,
                    "is_le" => BinaryOp::Le,
                    "is_ge" => BinaryOp::Ge,
                    "is_eq" => BinaryOp::Eq,
                    _ => BinaryOp::Ne,
                };
                let zero = self.ordering(0, span);
                Some(Value::Expr(self.plain_compare(op, receiver, zero)))
            }
            _ => None,
        }
    }

    /// Whether an `Ordering` is another one than `Equal`, and the `Ordering`.
    fn is_decided(&mut self, order: ExprId, span: Span) -> (ExprId, ExprId) {
        let (copy, zero) = (self.copy_stable(order), self.ordering(0, span));
        (self.plain_compare(BinaryOp::Ne, copy, zero), order)
    }

    pub(super) fn ordering(&mut self, value: i8, span: Span) -> ExprId {
        let kind = ExprKind::Const(ConstValue::Int(u128::from(value as u8)));
        self.push_expr(kind, ITy::Ordering, span)
    }

    /// The order of two scalars; in an `Option` if it is `partial_cmp`.
    pub(super) fn order(&mut self, name: &str, a: ExprId, b: ExprId, span: Span) -> ExprId {
        let (a, b) = (self.stable_value(a), self.stable_value(b));
        if name == "total_cmp" {
            return self.total_order(a, b, span);
        }
        let test = |this: &mut Self, op| {
            let (a, b) = (this.copy_stable(a), this.copy_stable(b));
            this.compare_items(op, a, b)
        };
        let (less, greater) = (test(self, BinaryOp::Lt), test(self, BinaryOp::Gt));
        let order = self.three_ways(less, greater, span);
        if name == "cmp" {
            return order;
        }
        // Numbers are ordered, NaN is not.
        let at_most = test(self, BinaryOp::Le);
        let greater = test(self, BinaryOp::Gt);
        let kind = ExprKind::ShortCircuit {
            or: true,
            lhs: at_most,
            rhs: greater,
        };
        let ordered = self.push_expr(kind, ITy::BOOL, span);
        self.option(ordered, order, span)
    }

    fn three_ways(&mut self, less: ExprId, greater: ExprId, span: Span) -> ExprId {
        let (one, zero) = (self.ordering(1, span), self.ordering(0, span));
        let kind = ExprKind::Select {
            cond: greater,
            then: one,
            otherwise: zero,
        };
        let rest = self.push_expr(kind, ITy::Ordering, span);
        let minus = self.ordering(-1, span);
        let kind = ExprKind::Select {
            cond: less,
            then: minus,
            otherwise: rest,
        };
        self.push_expr(kind, ITy::Ordering, span)
    }

    /// IEEE 754's total order: that of the bits as signed integers, where negative ones are turned around.
    fn total_order(&mut self, a: ExprId, b: ExprId, span: Span) -> ExprId {
        use crate::intrinsic::{Intrinsic, SigTy};
        let key = |this: &mut Self, value: ExprId| {
            let ty = this.ty_of(value);
            let bits = this.infer.related(SigTy::BitsOfS, &ty, span);
            let bits = this.call(Intrinsic::ToBits, vec![value], bits, span);
            let bits_ty = this.ty_of(bits);
            let signed = this.infer.related(SigTy::SignedOfS, &bits_ty, span);
            let bits = this.cast(bits, signed.clone(), span);
            let bits = this.stable_value(bits);
            // The greatest number of the type for negative ones, else 0.
            let copy = this.copy_stable(bits);
            let zero = this.integer(0, signed.clone(), span);
            let negative = this.plain_compare(BinaryOp::Lt, copy, zero);
            let max = ExprKind::Named(crate::expr::NamedConst::Max);
            let max = this.push_expr(max, signed.clone(), span);
            let none = this.integer(0, signed.clone(), span);
            let kind = ExprKind::Select {
                cond: negative,
                then: max,
                otherwise: none,
            };
            let mask = this.push_expr(kind, signed.clone(), span);
            let kind = ExprKind::Binary {
                op: BinaryOp::BitXor,
                lhs: bits,
                rhs: mask,
                site: None,
            };
            let key = this.push_expr(kind, signed, span);
            this.stable_value(key)
        };
        let (a, b) = (key(self, a), key(self, b));
        let test = |this: &mut Self, op| {
            let (a, b) = (this.copy_stable(a), this.copy_stable(b));
            this.plain_compare(op, a, b)
        };
        let (less, greater) = (test(self, BinaryOp::Lt), test(self, BinaryOp::Gt));
        self.three_ways(less, greater, span)
    }

    /// Evaluated now, in a form that can be copied.
    pub(super) fn stable_value(&mut self, value: ExprId) -> ExprId {
        self.evaluate(value)
    }
}
