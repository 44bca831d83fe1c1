//! Conversions of num-traits, which give `Option`s: `T::from(x)`, `x.to_f64()`, `T::from_usize(n)`.

use super::diag::Code;
use super::infer::ITy;
use super::state::{Check, Lowering, Value};
use crate::expr::{ExprId, ExprKind};
use crate::func::SiteKind;
use crate::hir::{self, Span};
use crate::ty::ScalarTy;

/// A conversion that may fail: num-traits' `Option<T>`, before it is unwrapped.
struct Conversion {
    operand: ExprId,
    target: ITy,
}

impl Lowering<'_> {
    /// `conversion.unwrap()`, `.expect("..")`, `.unwrap_or(value)`.
    pub(super) fn lower_unwrap(&mut self, call: &hir::ExprMethodCall) -> ExprId {
        let span = call.span();
        let Some(conversion) = self.lower_conversion(&call.receiver) else {
            return self.poison(span);
        };
        let from = self.ty_of(conversion.operand);
        self.checks.push(Check::NumCast {
            from: from.clone(),
            to: conversion.target.clone(),
            span: call.method.span(),
        });
        let target = conversion.target.clone();
        if call.method == "unwrap_or" && call.args.len() == 1 {
            let operand = self.evaluate(conversion.operand);
            let default = self.lower_operand(&call.args[0]);
            self.expect_expr(default, &target);
            let default = self.evaluate(default);
            let tested = self.copy_stable(operand);
            let kind = ExprKind::NumCastFits {
                operand: tested,
                target: crate::ty::Ty::Unit,
            };
            let cond = self.push_expr(kind, ITy::BOOL, span);
            self.fits_targets.push((cond, target.clone()));
            let then = self.copy_stable(operand);
            let then = self.cast(then, target.clone(), span);
            let kind = ExprKind::Select {
                cond,
                then,
                otherwise: default,
            };
            return self.push_expr(kind, target, span);
        }
        let known = match (call.method.name.as_str(), call.args.first()) {
            ("unwrap", None) => true,
            ("expect", Some(hir::Expr::Lit(lit))) => matches!(lit.lit, hir::Lit::Str(_)),
            _ => false,
        };
        if !known {
            self.diags.report(
                Code::Panic,
                call.method.span(),
                "this message cannot be captured by `#[jit]`",
                "use `unwrap()`, or `expect` with a literal",
            );
            return self.poison(span);
        }
        let site = self.push_site(SiteKind::NumCast, call.method.span(), vec![from]);
        let kind = ExprKind::NumCast {
            operand: conversion.operand,
            site,
        };
        self.push_expr(kind, target, span)
    }

    fn lower_conversion(&mut self, expr: &hir::Expr) -> Option<Conversion> {
        match expr {
            hir::Expr::Paren(inner) => self.lower_conversion(&inner.expr),
            hir::Expr::Group(inner) => self.lower_conversion(&inner.expr),
            hir::Expr::MethodCall(call) if call.args.is_empty() => {
                let Some(target) = to_primitive(&call.method.to_string()) else {
                    return self.refuse_unwrap(expr);
                };
                let operand = self.lower_operand(&call.receiver);
                let operand = self.auto_deref(operand);
                if let ITy::Param(index) = {
                    let ty = self.ty_of(operand);
                    self.infer.shallow(&ty)
                } && !self.bounds[index as usize].has_to_primitive()
                {
                    return self.refuse_unwrap(expr);
                }
                let name = call.method.to_string();
                self.ask_what_is_meant(call.method.span(), &name, &[operand]);
                Some(Conversion {
                    operand,
                    target: target.into(),
                })
            }
            hir::Expr::Call(call) if call.args.len() == 1 => {
                let Some(target) = self.conversion_target(call) else {
                    return self.refuse_unwrap(expr);
                };
                let operand = self.lower_operand(&call.args[0]);
                if let Some(from) = target.1 {
                    self.expect_expr(operand, &from.into());
                }
                Some(Conversion {
                    operand,
                    target: target.0,
                })
            }
            _ => self.refuse_unwrap(expr),
        }
    }

    /// What a call converts to, if it is num-traits' `cast`, `NumCast::from` or `FromPrimitive::from_*`; the last of which says
    /// what it converts from, too.
    pub(super) fn conversion_target(
        &mut self,
        call: &hir::ExprCall,
    ) -> Option<(ITy, Option<ScalarTy>)> {
        let hir::Expr::Path(path) = &*call.func else {
            return None;
        };
        let last = path.path.segments.last()?;
        let name = last.ident.to_string();
        let owner = match &path.qself {
            Some(qself) => Some(self.lower_ty(qself)?),
            None => self.path_owner(&path.path),
        };
        let parent = path
            .path
            .segments
            .iter()
            .rev()
            .nth(1)
            .map(|segment| segment.ident.to_string());
        let parent = parent.as_deref();
        let from = from_primitive(&name);
        let trait_named =
            path.qself.is_some() && matches!(parent, Some("NumCast" | "FromPrimitive"));
        match (owner, name.as_str()) {
            (Some(ITy::Param(index)), "from") => {
                let allowed = trait_named || self.bounds[index as usize].has_num_cast();
                allowed.then_some((ITy::Param(index), None))
            }
            (Some(owner), "from") if trait_named => Some((owner, None)),
            (Some(ITy::Param(index)), _) => {
                let allowed = self.bounds[index as usize].has_from_primitive();
                (allowed && from.is_some()).then_some((ITy::Param(index), from))
            }
            (Some(owner @ ITy::Scalar(_)), _) if from.is_some() => Some((owner, from)),
            (None, "from") if parent == Some("NumCast") => Some((self.infer.fresh(), None)),
            (None, "cast") if matches!(parent, Some("num_traits" | "cast")) => {
                let target = match &last.arguments {
                    hir::PathArguments::AngleBracketed(arguments) => match arguments.get(1) {
                        Some(hir::GenericArgument::Type(ty)) => self.lower_ty(ty)?,
                        _ => self.infer.fresh(),
                    },
                    _ => self.infer.fresh(),
                };
                Some((target, None))
            }
            (None, _) if parent == Some("FromPrimitive") && from.is_some() => {
                Some((self.infer.fresh(), from))
            }
            _ => None,
        }
    }

    fn refuse_unwrap(&mut self, expr: &hir::Expr) -> Option<Conversion> {
        // What is unwrapped has a problem of its own in most cases: `a.first()`, `x.checked_add(y)`.
        let before = self.diags.len();
        let span = match expr {
            hir::Expr::MethodCall(call) => {
                if to_primitive(&call.method.to_string()).is_none()
                    && let Value::Expr(value) = self.lower_method_call(call)
                {
                    let ty = self.ty_of(value);
                    if self.diags.len() > before || self.is_reported(&ty) {
                        return None;
                    }
                }
                call.method.span()
            }
            hir::Expr::Call(call) => match &*call.func {
                hir::Expr::Path(path) => (path.path.segments.last())
                    .map_or_else(|| path.span(), |last| last.ident.span()),
                func => func.span(),
            },
            hir::Expr::Path(path) => {
                self.lower_variable(path)?;
                if self.is_reported_variable(&path.path) {
                    return None;
                }
                path.span()
            }
            other => other.span(),
        };
        self.diags.report(
            Code::Method,
            span,
            "this `Option` cannot be captured by `#[jit]`",
            "only conversions of num-traits can be unwrapped: `T::from(x)`, `x.to_f64()`, `T::from_f64(x)`",
        );
        None
    }

    /// `x.to_f64()` as it is, an `Option`.
    pub(super) fn lower_conversion_method(&mut self, call: &hir::ExprMethodCall) -> ExprId {
        let expr = hir::Expr::MethodCall(call.clone());
        self.lower_conversion_as_option(&expr, call.method.span())
    }

    /// `T::from(x)` as it is, an `Option`.
    pub(super) fn lower_conversion_call(&mut self, call: &hir::ExprCall, name: Span) -> ExprId {
        let expr = hir::Expr::Call(call.clone());
        self.lower_conversion_as_option(&expr, name)
    }

    fn lower_conversion_as_option(&mut self, expr: &hir::Expr, name: Span) -> ExprId {
        match self.lower_conversion(expr) {
            Some(conversion) => self.as_option(conversion, name, expr.span()),
            None => self.poison(expr.span()),
        }
    }

    /// `x.to_f64()` of a receiver that was lowered.
    pub(super) fn conversion_of(&mut self, operand: ExprId, call: &hir::ExprMethodCall) -> ExprId {
        let ty = self.infer.shallow(&self.ty_of(operand));
        let is_known = match ty {
            ITy::Param(index) => self.bounds[index as usize].has_to_primitive(),
            _ => true,
        };
        match to_primitive(&call.method.name) {
            Some(target) if is_known => {
                let name = call.method.to_string();
                self.ask_what_is_meant(call.method.span(), &name, &[operand]);
                let target = target.into();
                let conversion = Conversion { operand, target };
                self.as_option(conversion, call.method.span(), call.span())
            }
            _ => {
                self.drop_value(operand);
                self.refuse_unwrap(&hir::Expr::MethodCall(call.clone()));
                self.poison(call.span())
            }
        }
    }

    fn as_option(&mut self, conversion: Conversion, name: Span, span: Span) -> ExprId {
        let Conversion { operand, target } = conversion;
        self.checks.push(Check::NumCast {
            from: self.ty_of(operand),
            to: target.clone(),
            span: name,
        });
        let operand = self.evaluate(operand);
        let kind = ExprKind::NumCastFits {
            operand: self.copy_stable(operand),
            target: crate::ty::Ty::Unit,
        };
        let fits = self.push_expr(kind, ITy::BOOL, span);
        self.fits_targets.push((fits, target.clone()));
        let value = self.cast(operand, target, span);
        self.option(fits, value, span)
    }
}

/// The type of `x.to_f64()` and its like.
pub(super) fn to_primitive(name: &str) -> Option<ScalarTy> {
    let ty = ScalarTy::from_name(name.strip_prefix("to_")?)?;
    (ty != ScalarTy::Bool).then_some(ty)
}

/// The argument type of `T::from_f64(x)` and its like.
pub(super) fn from_primitive(name: &str) -> Option<ScalarTy> {
    let ty = ScalarTy::from_name(name.strip_prefix("from_")?)?;
    (ty != ScalarTy::Bool).then_some(ty)
}
