//! `Option` and `Result`: a truth value and the payloads.

use super::diag::Code;
use super::infer::ITy;
use super::matching::Join;
use super::state::{Check, Lowering, Value};
use super::subject::Subject;
use crate::expr::{BinaryOp, ExprId, ExprKind, NamedConst};
use crate::func::SiteKind;
use crate::hir::{self, Span};
use crate::stmt::{Block, StmtKind};

impl Lowering<'_> {
    /// `None`.
    pub(super) fn none(&mut self, span: Span) -> ExprId {
        let some = self.infer.fresh();
        let tag = self.truth(false, span);
        let payload = self.push_expr(ExprKind::Zeroed, some.clone(), span);
        let kind = ExprKind::Tuple(vec![tag, payload]);
        self.push_expr(kind, ITy::Option(Box::new(some)), span)
    }

    /// `Some(value)`.
    pub(super) fn some(&mut self, value: ExprId, span: Span) -> ExprId {
        let some = self.ty_of(value);
        let tag = self.truth(true, span);
        let kind = ExprKind::Tuple(vec![tag, value]);
        self.push_expr(kind, ITy::Option(Box::new(some)), span)
    }

    /// An `Option` of this truth value, whose payload does not matter if it is false.
    pub(super) fn option(&mut self, tag: ExprId, value: ExprId, span: Span) -> ExprId {
        let some = self.ty_of(value);
        let kind = ExprKind::Tuple(vec![tag, value]);
        self.push_expr(kind, ITy::Option(Box::new(some)), span)
    }

    /// `Ok(value)` or `Err(value)`.
    pub(super) fn result(&mut self, is_ok: bool, value: ExprId, span: Span) -> ExprId {
        let (payload, other) = (self.ty_of(value), self.infer.fresh());
        let tag = self.truth(is_ok, span);
        let filler = self.push_expr(ExprKind::Zeroed, other.clone(), span);
        let (elems, ty) = if is_ok {
            let ty = ITy::Result(Box::new(payload), Box::new(other));
            (vec![tag, value, filler], ty)
        } else {
            let ty = ITy::Result(Box::new(other), Box::new(payload));
            (vec![tag, filler, value], ty)
        };
        self.push_expr(ExprKind::Tuple(elems), ty, span)
    }

    /// The value of type `()`, as a payload.
    pub(super) fn unit(&mut self, span: Span) -> ExprId {
        self.push_expr(ExprKind::Zeroed, ITy::Unit, span)
    }

    /// A payload: any expression, also of type `()`. `None`: control does not get past it.
    pub(super) fn lower_payload(&mut self, expr: &hir::Expr) -> Option<ExprId> {
        match self.lower_expr(expr) {
            Value::Expr(value) => Some(value),
            Value::Unit => Some(self.unit(expr.span())),
            Value::Never => None,
        }
    }

    /// `Some(x)`, `Ok(x)`, `Err(x)`. `None`: it is another call.
    pub(super) fn lower_variant_call(&mut self, call: &hir::ExprCall) -> Option<Value> {
        let hir::Expr::Path(path) = &*call.func else {
            return None;
        };
        let name = Self::variant_name(&path.path)?;
        if !matches!(name, "Some" | "Ok" | "Err") || call.args.len() != 1 {
            return None;
        }
        let span = call.span();
        let Some(value) = self.lower_payload(&call.args[0]) else {
            return Some(Value::Never);
        };
        let made = match name {
            "Some" => self.some(value, span),
            name => self.result(name == "Ok", value, span),
        };
        self.expect_variant_arguments(made, &path.path);
        Some(Value::Expr(made))
    }

    /// The last name of a path that may be `Some`, `None`, `Ok` or `Err`: alone, or behind its type.
    pub(super) fn variant_name(path: &hir::Path) -> Option<&str> {
        let name = match path.segments.as_slice() {
            [name] if !path.leading_colon => name,
            [.., owner, name] if owner.ident == "Option" || owner.ident == "Result" => name,
            _ => return None,
        };
        Some(name.ident.name.as_str())
    }

    /// Whether a path is `None`, `None::<T>` or `Option::<T>::None`.
    pub(super) fn is_none(path: &hir::Path) -> bool {
        Self::variant_name(path) == Some("None")
    }

    /// `None::<u8>`, `Ok::<u8, ()>(1)`, `Option::<u8>::None`: the types that are written.
    pub(super) fn expect_variant_arguments(&mut self, value: ExprId, path: &hir::Path) {
        let written =
            (path.segments.iter().rev().take(2)).find_map(|segment| match &segment.arguments {
                hir::PathArguments::AngleBracketed(arguments) => Some(arguments),
                _ => None,
            });
        let tys: Vec<ITy> = match self.infer.shallow(&self.ty_of(value)) {
            ITy::Option(some) => vec![*some],
            ITy::Result(ok, err) => vec![*ok, *err],
            _ => return,
        };
        for (ty, argument) in tys.iter().zip(written.into_iter().flatten()) {
            let hir::GenericArgument::Type(written) = argument else {
                continue;
            };
            let span = written.span();
            if let Some(written) = self.lower_ty(written) {
                self.expect_ty(ty, &written, span);
            }
        }
    }

    /// The value of type `T` of an `Option<T>` or `Result<T, E>` of which it is known that it has one.
    pub(super) fn payload(&mut self, subject: &Subject, index: u32, span: Span) -> Value {
        let ty = match (self.subject_ty(subject), index) {
            (ITy::Option(some), _) => *some,
            (ITy::Result(ok, _), 1) => *ok,
            (ITy::Result(_, err), _) => *err,
            _ => ITy::REPORTED,
        };
        if self.infer.shallow(&ty) == ITy::Unit {
            return Value::Unit;
        }
        let payload = self.subject_field(subject, index, ty, span);
        Value::Expr(self.subject_value(&payload, span))
    }

    /// `value?`.
    pub(super) fn lower_try(&mut self, expr: &hir::ExprTry) -> Value {
        let span = expr.question_token;
        let Some(subject) = self.lower_subject(&expr.expr) else {
            return Value::Never;
        };
        match self.subject_ty(&subject) {
            ITy::Option(_) => {
                let is_some = self.tag_of(&subject, span);
                let ((), stmts) = self.in_frame(|this| {
                    let none = this.none(span);
                    this.return_value(Value::Expr(none), span);
                });
                self.emit_when(is_some, Block::default(), Block { stmts }, span);
                self.payload(&subject, 1, span)
            }
            ITy::Result(..) => {
                let is_ok = self.tag_of(&subject, span);
                let ((), stmts) = self.in_frame(|this| {
                    let err = match this.payload(&subject, 2, span) {
                        Value::Expr(err) => err,
                        Value::Unit | Value::Never => this.unit(span),
                    };
                    let err = this.result(false, err, span);
                    this.return_value(Value::Expr(err), span);
                });
                self.emit_when(is_ok, Block::default(), Block { stmts }, span);
                self.payload(&subject, 1, span)
            }
            ty => {
                if !self.is_reported(&ty) {
                    let shown = self.show(&ty);
                    self.diags.report(
                        Code::Expression,
                        span,
                        format!("`?` on a value of type `{shown}` cannot be captured by `#[jit]`"),
                        "use it on an `Option` or a `Result`",
                    );
                }
                Value::Expr(self.poison(span))
            }
        }
    }

    /// A method of `Option` or `Result` that takes no closure. `None`: it is none of these.
    pub(super) fn option_method(
        &mut self,
        call: &hir::ExprMethodCall,
        receiver: ExprId,
    ) -> Option<Value> {
        let span = call.span();
        let at = call.method.span();
        let name = call.method.name.as_str();
        let mut subject = self.subject_of(receiver);
        while let Some((behind, _)) = self.subject_behind(&subject, span) {
            subject = behind;
        }
        let ty = self.subject_ty(&subject);
        let is_option = matches!(ty, ITy::Option(_));
        let value = match (name, call.args.as_slice()) {
            ("is_some", []) if is_option => self.tag_of(&subject, span),
            ("is_ok", []) if !is_option => self.tag_of(&subject, span),
            ("is_none", []) if is_option => {
                let tag = self.tag_of(&subject, span);
                self.not(tag, span)
            }
            ("is_err", []) if !is_option => {
                let tag = self.tag_of(&subject, span);
                self.not(tag, span)
            }
            ("copied" | "cloned", []) if is_option => {
                let Value::Expr(value) = self.payload(&subject, 1, span) else {
                    return None;
                };
                let tag = self.tag_of(&subject, span);
                let value = self.subject_of(value);
                let (value, _) = self.subject_behind(&value, span)?;
                // What `None` points to must not be read.
                let ty = self.subject_ty(&value);
                let temp = self.push_temp(ty.clone(), true, span);
                let zero = self.push_expr(ExprKind::Zeroed, ty, span);
                self.assign(temp, zero);
                let ((), stmts) = self.in_frame(|this| {
                    let found = this.subject_value(&value, span);
                    this.assign(temp, found);
                });
                self.emit_when(tag, Block { stmts }, Block::default(), span);
                let tag = self.tag_of(&subject, span);
                let value = self.load_local(temp, span);
                self.option(tag, value, span)
            }
            ("as_ref" | "as_deref" | "clone", []) => self.subject_value(&subject, span),
            ("ok", []) if !is_option => {
                let tag = self.tag_of(&subject, span);
                let value = match self.payload(&subject, 1, span) {
                    Value::Expr(value) => value,
                    Value::Unit | Value::Never => self.unit(span),
                };
                self.option(tag, value, span)
            }
            ("err", []) if !is_option => {
                let tag = self.tag_of(&subject, span);
                let tag = self.not(tag, span);
                let value = match self.payload(&subject, 2, span) {
                    Value::Expr(value) => value,
                    Value::Unit | Value::Never => self.unit(span),
                };
                self.option(tag, value, span)
            }
            ("unwrap", []) => return self.unwrap(&subject, at),
            ("expect", [_]) => {
                // A literal message: the expansion has it.
                if !is_string(&call.args[0]) {
                    self.diags.report(
                        Code::Panic,
                        at,
                        "this message cannot be captured by `#[jit]`",
                        "use `unwrap()`, or `expect` with a literal",
                    );
                }
                return self.unwrap(&subject, at);
            }
            ("unwrap_or", [default]) => {
                let default = self.lower_payload(default)?;
                let default = self.evaluate(default);
                return Some(self.payload_or(&subject, |_| Value::Expr(default), span));
            }
            ("unwrap_or_default", []) => {
                return Some(self.payload_or(&subject, |this| this.default_value(&ty, span), span));
            }
            ("unwrap_unchecked", []) => return Some(self.payload(&subject, 1, span)),
            ("ok_or", [err]) if is_option => {
                let err = self.lower_payload(err)?;
                let err = self.evaluate(err);
                let tag = self.tag_of(&subject, span);
                let value = match self.payload(&subject, 1, span) {
                    Value::Expr(value) => value,
                    Value::Unit | Value::Never => self.unit(span),
                };
                let ty = ITy::Result(Box::new(self.ty_of(value)), Box::new(self.ty_of(err)));
                let kind = ExprKind::Tuple(vec![tag, value, err]);
                self.push_expr(kind, ty, span)
            }
            ("flatten", []) if is_option => {
                let Value::Expr(inner) = self.payload(&subject, 1, span) else {
                    return None;
                };
                let ITy::Option(_) = self.infer.shallow(&self.ty_of(inner)) else {
                    return None;
                };
                let none = |this: &mut Self| Value::Expr(this.none(span));
                return Some(self.payload_or(&subject, none, span));
            }
            ("xor" | "zip" | "and", [other]) if is_option => {
                let other = self.lower_payload(other)?;
                let other_ty = self.ty_of(other);
                if name == "xor" {
                    self.expect_expr(other, &ty);
                }
                if self.context_is_open() && self.is_left_open(&other_ty) {
                    self.drop_value(other);
                    let ty = if name == "xor" { ty } else { ITy::REPORTED };
                    return Some(Value::Expr(self.push_expr(ExprKind::Zeroed, ty, span)));
                }
                let ITy::Option(_) = self.infer.shallow(&other_ty) else {
                    return None;
                };
                let other = self.subject_of(other);
                let lhs = self.tag_of(&subject, span);
                let rhs = self.tag_of(&other, span);
                if name == "xor" {
                    let tag = self.compare(BinaryOp::Ne, lhs, rhs, span);
                    let kind = ExprKind::Select {
                        cond: self.tag_of(&subject, span),
                        then: self.payload_value(&subject, span),
                        otherwise: self.payload_value(&other, span),
                    };
                    let some = self.payload_ty(&ty);
                    let value = self.push_expr(kind, some, span);
                    self.option(tag, value, span)
                } else {
                    let tag = self.short_circuit(false, lhs, rhs, span);
                    let second = self.payload_value(&other, span);
                    let value = if name == "zip" {
                        let first = self.payload_value(&subject, span);
                        let tys = vec![self.ty_of(first), self.ty_of(second)];
                        self.push_expr(ExprKind::Tuple(vec![first, second]), ITy::Tuple(tys), span)
                    } else {
                        second
                    };
                    self.option(tag, value, span)
                }
            }
            ("or", [other]) => {
                let other = self.lower_payload(other)?;
                self.expect_expr(other, &ty);
                let other = self.evaluate(other);
                let cond = self.tag_of(&subject, span);
                let then = self.subject_value(&subject, span);
                let kind = ExprKind::Select {
                    cond,
                    then,
                    otherwise: other,
                };
                self.push_expr(kind, ty, span)
            }
            _ => return None,
        };
        Some(Value::Expr(value))
    }

    fn payload_ty(&self, option: &ITy) -> ITy {
        match self.infer.shallow(option) {
            ITy::Option(some) => *some,
            _ => ITy::REPORTED,
        }
    }

    /// The payload of an `Option`, which does not matter if there is none.
    fn payload_value(&mut self, subject: &Subject, span: Span) -> ExprId {
        match self.payload(subject, 1, span) {
            Value::Expr(value) => value,
            Value::Unit | Value::Never => self.unit(span),
        }
    }

    /// The payload, or a panic, which shows the error of a `Result`. `None`: it cannot be shown.
    fn unwrap(&mut self, subject: &Subject, at: Span) -> Option<Value> {
        let mut error = None;
        let mut kind = SiteKind::Panic;
        if let ITy::Result(_, err) = self.subject_ty(subject) {
            match self.infer.shallow(&err) {
                ITy::TryFromIntError => kind = SiteKind::TryFrom,
                ITy::TryFromSliceError => kind = SiteKind::TryFromSlice,
                ITy::Scalar(_) | ITy::Param(_) | ITy::Var(_) | ITy::Unknown(_) => error = Some(err),
                _ => return None,
            }
        }
        let is_some = self.tag_of(subject, at);
        let tys = error.iter().map(|ty| (**ty).clone()).collect();
        let site = self.push_site(kind, at, tys);
        let ((), stmts) = self.in_frame(|this| {
            let operands = (error.into_iter())
                .map(|ty| {
                    let error = this.subject_field(subject, 2, *ty, at);
                    this.subject_value(&error, at)
                })
                .collect();
            this.emit(StmtKind::Trap { site, operands }, at);
        });
        self.emit_when(is_some, Block::default(), Block { stmts }, at);
        Some(self.payload(subject, 1, at))
    }

    /// The payload, or what `otherwise` gives.
    pub(super) fn payload_or(
        &mut self,
        subject: &Subject,
        otherwise: impl FnOnce(&mut Self) -> Value,
        span: Span,
    ) -> Value {
        let cond = self.tag_of(subject, span);
        let mut join = Join::default();
        let ((), then) = self.in_frame(|this| {
            let value = this.payload(subject, 1, span);
            this.join(&mut join, value, span);
        });
        let ((), otherwise) = self.in_frame(|this| {
            let value = otherwise(this);
            this.join(&mut join, value, span);
        });
        let (then, otherwise) = (Block { stmts: then }, Block { stmts: otherwise });
        self.emit_when(cond, then, otherwise, span);
        self.joined(&join, span)
    }

    fn default_value(&mut self, option: &ITy, span: Span) -> Value {
        let ty = match self.infer.shallow(option) {
            ITy::Option(some) => *some,
            ITy::Result(ok, _) => *ok,
            _ => ITy::REPORTED,
        };
        match self.infer.shallow(&ty) {
            ITy::Unit => Value::Unit,
            ITy::Param(_) => {
                Value::Expr(self.push_expr(ExprKind::Named(NamedConst::Zero), ty, span))
            }
            _ => {
                let checked = ty.clone();
                self.checks.push(Check::Default { ty: checked, span });
                Value::Expr(self.push_expr(ExprKind::Zeroed, ty, span))
            }
        }
    }
}

fn is_string(expr: &hir::Expr) -> bool {
    matches!(
        expr,
        hir::Expr::Lit(hir::ExprLit {
            lit: hir::Lit::Str(_),
            ..
        })
    )
}
