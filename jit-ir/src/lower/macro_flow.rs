//! Macros that only rustc knows, and that leave the function or the loop that they stand in: by `return`, `?`, `break` or `continue`, which may
//! be in their expansion, where nobody sees them but rustc.
//!
//! The closure that calls such a macro returns what the function returns, and has a loop around it. So what a `return` or a `break` leaves are these,
//! and the closure says which it was: it gives a `Result`, whose `Ok` has the macro's value, and whose `Err` has a number and the parts of what is to
//! be returned. That takes a function whose result is made of numbers, since there have to be some where nothing is returned.

use super::infer::ITy;
use super::macros::MacroCall;
use super::signature::std_args;
use super::state::{Lowering, Value};
use crate::expr::{BinaryOp, ExprId, ExprKind, Projection};
use crate::hir;
use crate::hir::Span;
use crate::stmt::Block;
use crate::ty::ScalarTy;

/// How a macro may leave what it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// Not at all.
    Nowhere,
    /// By a `return` among its tokens, of any value.
    Returns,
    /// By whatever its expansion has.
    Anyhow {
        /// What the function returns.
        returned: Returned,
        /// Whether `break` and `continue` are among that.
        in_loop: bool,
    },
}

impl Leaves {
    /// The numbers that say how it left.
    pub const BREAK: u8 = 0;
    /// `continue`.
    pub const CONTINUE: u8 = 1;
    /// `return`; of an `Option` or a `Result`, of `Some` and `Ok`.
    pub const RETURN: u8 = 2;
    /// `return None`, `return Err(..)`.
    pub const RETURN_OTHER: u8 = 3;
}

/// A result that is made of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// `()`.
    Unit,
    /// A number.
    Scalar(ScalarTy),
    /// Some of them.
    Tuple(Vec<ScalarTy>),
    /// Of a number.
    Option(ScalarTy),
    /// Of a number or `()` each.
    Result(Option<ScalarTy>, Option<ScalarTy>),
}

impl Returned {
    /// The result of a function as it is written, if it is such a one.
    fn of(output: Option<&hir::Type>) -> Option<Self> {
        let Some(ty) = output else {
            return Some(Returned::Unit);
        };
        match ty {
            hir::Type::Paren(inner) => Self::of(Some(&inner.elem)),
            hir::Type::Group(inner) => Self::of(Some(&inner.elem)),
            hir::Type::Tuple(tuple) if tuple.elems.is_empty() => Some(Returned::Unit),
            hir::Type::Tuple(tuple) if tuple.elems.len() <= 8 => {
                let elems = tuple.elems.iter().map(scalar).collect::<Option<_>>()?;
                Some(Returned::Tuple(elems))
            }
            hir::Type::Path(path) => {
                if let Some(args) = std_args(path, "Option") {
                    let [some] = args.as_slice() else {
                        return None;
                    };
                    return Some(Returned::Option(scalar(some)?));
                }
                if let Some(args) = std_args(path, "Result") {
                    let [ok, err] = args.as_slice() else {
                        return None;
                    };
                    return Some(Returned::Result(payload(ok)?, payload(err)?));
                }
                scalar(ty).map(Returned::Scalar)
            }
            _ => None,
        }
    }
}

fn scalar(ty: &hir::Type) -> Option<ScalarTy> {
    match ty {
        hir::Type::Paren(inner) => scalar(&inner.elem),
        hir::Type::Group(inner) => scalar(&inner.elem),
        hir::Type::Path(path) if path.qself.is_none() => {
            ScalarTy::from_name(&path.path.get_ident()?.name)
        }
        _ => None,
    }
}

fn payload(ty: &hir::Type) -> Option<Option<ScalarTy>> {
    match ty {
        hir::Type::Tuple(tuple) if tuple.elems.is_empty() => Some(None),
        ty => scalar(ty).map(Some),
    }
}

impl Lowering<'_> {
    /// Whether macros may leave by whatever they expand to, and where to. Not in closures, whose results are not written down.
    pub(super) fn leaves_anyhow(&self) -> Option<Leaves> {
        if self.current.depth > 0 && self.context_is_open() {
            return None;
        }
        let of_loop = self.targets.iter().rev().find(|target| target.is_loop);
        Some(Leaves::Anyhow {
            returned: Returned::of(self.current.item.sig.output.as_ref())?,
            in_loop: of_loop.is_some_and(|target| target.for_macros),
        })
    }

    /// A macro that may leave.
    pub(super) fn call_leaving_macro(&mut self, call: MacroCall<'_>, leaves: Leaves) -> Value {
        let span = call.mac.path.span();
        let in_loop = matches!(&leaves, Leaves::Anyhow { in_loop: true, .. });
        let is_statement = call.is_statement;
        let value = self.call_macro(call, leaves.clone());
        if self.context_is_open() {
            if in_loop {
                self.note_broken();
            }
            return value;
        }
        let (Value::Expr(value), Leaves::Anyhow { returned, .. }) = (value, leaves) else {
            // One in a closure.
            return value;
        };
        if self.is_reported(&self.ty_of(value)) {
            return Value::Expr(value);
        }
        let subject = self.subject_of(value);
        let goes_on = self.tag_of(&subject, span);
        let ((), stmts) = self.in_frame(|this| {
            if let Value::Expr(left) = this.payload(&subject, 2, span) {
                this.leave(left, &returned, in_loop, span);
            }
        });
        self.emit_when(goes_on, Block::default(), Block { stmts }, span);
        match is_statement {
            true => Value::Unit,
            false => self.payload(&subject, 1, span),
        }
    }

    /// Leaves as a macro has said: by a number, and what is behind it.
    fn leave(&mut self, left: ExprId, returned: &Returned, in_loop: bool, span: Span) {
        let n_parts = match returned {
            Returned::Unit | Returned::Result(None, None) => 0,
            Returned::Scalar(_) | Returned::Option(_) => 1,
            Returned::Tuple(elems) => elems.len(),
            Returned::Result(ok, err) => usize::from(ok.is_some()) + usize::from(err.is_some()),
        };
        let mut parts = Vec::new();
        let ty = self.ty_of(left);
        let whole = self.evaluate_place(left);
        if n_parts == 0 {
            parts.push(self.push_expr(ExprKind::Load(whole), ty, span));
        } else {
            for index in 0..=n_parts {
                let Some((field, ty)) = self.tuple_part(&ty, index, span) else {
                    return;
                };
                let mut part = whole.clone();
                part.projections.push(Projection::Field(field));
                parts.push(self.push_expr(ExprKind::Load(part), ty, span));
            }
        }
        let mut parts = parts.into_iter();
        let Some(how) = parts.next() else {
            return;
        };
        let how = self.evaluate(how);
        let is = |this: &mut Self, number: u8| {
            let how = this.copy_stable(how);
            let number = this.integer(u128::from(number), ScalarTy::U8.into(), span);
            this.compare(BinaryOp::Eq, how, number, span)
        };
        if in_loop {
            for (number, again) in [(Leaves::BREAK, false), (Leaves::CONTINUE, true)] {
                let cond = is(self, number);
                let ((), stmts) = self.in_frame(|this| this.leave_loop(again, span));
                self.emit_when(cond, Block { stmts }, Block::default(), span);
            }
        }
        let value = match returned {
            Returned::Unit => Value::Unit,
            Returned::Scalar(_) => parts.next().map_or(Value::Unit, Value::Expr),
            Returned::Tuple(elems) => {
                let tys = elems.iter().map(|scalar| ITy::Scalar(*scalar)).collect();
                let kind = ExprKind::Tuple(parts.collect());
                Value::Expr(self.push_expr(kind, ITy::Tuple(tys), span))
            }
            Returned::Option(_) => {
                let Some(some) = parts.next() else {
                    return;
                };
                let tag = is(self, Leaves::RETURN);
                Value::Expr(self.option(tag, some, span))
            }
            Returned::Result(ok, err) => {
                let cond = is(self, Leaves::RETURN);
                let ok = ok.and_then(|_| parts.next());
                let err = err.and_then(|_| parts.next());
                let [then, otherwise] = [(true, ok), (false, err)].map(|(is_ok, part)| {
                    let ((), stmts) = self.in_frame(|this| {
                        let part = match part {
                            Some(part) => part,
                            None => this.push_expr(ExprKind::Zeroed, ITy::Unit, span),
                        };
                        let value = this.result(is_ok, part, span);
                        this.return_value(Value::Expr(value), span);
                    });
                    Block { stmts }
                });
                return self.emit_when(cond, then, otherwise, span);
            }
        };
        self.return_value(value, span);
    }
}
