//! Parameters: how Rust's become those of the IR, and how their names are bound.
//!
//! The macro and lowering have to agree, and the macro sees types as they are written. So a parameter is passed by how its type is written:
//! a number, a truth value, a type parameter, a slice or a reference as itself; a tuple as its elements, one after the other; `Option<T>` as a
//! `bool` and `T`; every other type, also an alias of a number's, as a reference to a copy that the callee owns.

use super::binding::Binding;
use super::diag::Code;
use super::infer::ITy;
use super::state::Lowering;
use super::subject::Mode;
use crate::arena::Handle;
use crate::expr::{ExprId, ExprKind, Place};
use crate::hir::{self, Span};

/// How a parameter is passed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Passing {
    /// As it is: a scalar, a slice, a reference.
    Value,
    /// By reference to a copy.
    Copy,
    /// The elements of a tuple.
    Tuple(Vec<Passing>),
    /// Whether it is `Some`, and the value.
    Option(Box<Passing>),
    /// Something that can be called: callers contain the function.
    Callable,
}

/// What a parameter binds.
#[derive(Clone, Copy)]
pub(super) enum Name<'a> {
    Receiver(&'a hir::Receiver),
    Pat(&'a hir::Pat),
}

/// A parameter's type as it is written.
pub(super) fn written_ty(input: &hir::FnArg) -> &hir::Type {
    match input {
        hir::FnArg::Receiver(receiver) => &receiver.ty,
        hir::FnArg::Typed(param) => &param.ty,
    }
}

impl<'a> Lowering<'a> {
    /// How a parameter of the current function is passed.
    pub(super) fn passing(&self, written: &hir::Type, ty: &ITy) -> Passing {
        match written {
            hir::Type::Paren(inner) => self.passing(&inner.elem, ty),
            hir::Type::Group(inner) => self.passing(&inner.elem, ty),
            hir::Type::Reference(_) => Passing::Value,
            hir::Type::ImplFn(_) => Passing::Callable,
            hir::Type::Tuple(tuple) => {
                let ITy::Tuple(tys) = self.infer.shallow(ty) else {
                    return Passing::Value;
                };
                let elems = tuple.elems.iter().zip(&tys);
                Passing::Tuple(
                    elems
                        .map(|(written, ty)| self.passing(written, ty))
                        .collect(),
                )
            }
            hir::Type::Path(path) if path.qself.is_none() => {
                if self.fn_param(&path.path).is_some() {
                    return Passing::Callable;
                }
                let known = self.known_ty(&path.path);
                if matches!(known, Some(ITy::Scalar(_) | ITy::Param(_))) {
                    return Passing::Value;
                }
                match (self.infer.shallow(ty), path.path.segments.last()) {
                    (ITy::Option(some), Some(last)) => match &last.arguments {
                        hir::PathArguments::AngleBracketed(args) => match args.first() {
                            Some(hir::GenericArgument::Type(written)) => {
                                Passing::Option(Box::new(self.passing(written, &some)))
                            }
                            _ => Passing::Copy,
                        },
                        _ => Passing::Copy,
                    },
                    _ => Passing::Copy,
                }
            }
            _ => Passing::Copy,
        }
    }

    /// The bounds of a type parameter that stands for something that can be called.
    pub(super) fn fn_bound<'p>(&self, param: &'p hir::TypeParam) -> Option<&'p hir::Path>
    where
        'a: 'p,
    {
        let item: &'a hir::Function = self.current.item;
        let predicates = (item.sig.generics.predicates.iter())
            .filter(|predicate| {
                matches!(&predicate.bounded_ty, hir::Type::Path(path) if path.path.is_ident(&param.ident.name))
            })
            .flat_map(|predicate| &predicate.bounds);
        param
            .bounds
            .iter()
            .chain(predicates)
            .find(|bound| is_fn(bound))
    }

    /// `Fn(A) -> B` of a path that names a type parameter with this bound.
    fn fn_param(&self, path: &hir::Path) -> Option<&'a hir::Path> {
        let name = path.get_ident()?;
        let item: &'a hir::Function = self.current.item;
        item.sig
            .generics
            .params
            .iter()
            .find_map(|param| match param {
                hir::GenericParam::Type(param) if param.ident.name == name.name => {
                    self.fn_bound(param)
                }
                _ => None,
            })
    }

    /// `Fn(A) -> B` of the type of a parameter that can be called.
    pub(super) fn fn_type(&self, written: &'a hir::Type) -> Option<&'a hir::Path> {
        match written {
            hir::Type::Paren(inner) => self.fn_type(&inner.elem),
            hir::Type::Group(inner) => self.fn_type(&inner.elem),
            // `&impl Fn`, `&F`, `&mut F`.
            hir::Type::Reference(inner) => self.fn_type(&inner.elem),
            hir::Type::ImplFn(callable) => callable.bounds.iter().find(|bound| is_fn(bound)),
            hir::Type::Path(path) if path.qself.is_none() => self.fn_param(&path.path),
            _ => None,
        }
    }

    /// A parameter of the function that the IR is for.
    pub(super) fn lower_param(&mut self, input: &'a hir::FnArg) {
        let written = written_ty(input);
        let name = match input {
            hir::FnArg::Receiver(receiver) => Name::Receiver(receiver),
            hir::FnArg::Typed(param) => {
                if let Some(refusal) = &param.refusal {
                    self.diags.refuse(refusal);
                }
                Name::Pat(&param.pat)
            }
        };
        if let Some(bound) = self.fn_type(written) {
            let value = self.opaque_callable(bound, written.span());
            self.prologue.push((name, value));
            return;
        }
        let ty = self.lower_ty(written).unwrap_or(ITy::REPORTED);
        if let Name::Pat(hir::Pat::Ident(pat)) = name
            && let Some(token) = &pat.by_ref
        {
            self.refuse_by_ref(*token);
        }
        if ty == ITy::Unit {
            self.refuse_unit(written.span());
        }
        let passing = self.passing(written, &ty);
        let is_value = passing == Passing::Value;
        match name {
            Name::Pat(hir::Pat::Ident(pat)) if is_value && pat.subpat.is_none() => {
                let local = self.push_param(&pat.ident.name, ty, pat.mutability, pat.ident.span);
                self.bind(&pat.ident, local);
            }
            Name::Receiver(receiver) if is_value => {
                let local = self.push_param("self", ty, receiver.mutability, receiver.ident.span);
                self.bind(&receiver.ident, local);
            }
            _ => {
                let value = self.push_param_parts(&passing, ty, written.span());
                self.prologue.push((name, value));
            }
        }
    }

    fn push_param(&mut self, name: &str, ty: ITy, mutable: bool, span: Span) -> crate::LocalId {
        let local = self.push_local(name, ty, mutable, span);
        // Parameters are the first locals, unless a problem has been reported.
        debug_assert!(!self.diags.is_empty() || local == Handle::from_index(self.params.len()));
        self.params.push(local);
        local
    }

    /// The parameters of the IR that a parameter of Rust's consists of, and its value.
    fn push_param_parts(&mut self, passing: &Passing, ty: ITy, span: Span) -> ExprId {
        let name = format!("${}", self.locals.len());
        match (passing, self.infer.shallow(&ty)) {
            (Passing::Tuple(parts), ITy::Tuple(tys)) => {
                let elems = (parts.iter().zip(tys))
                    .map(|(part, ty)| self.push_param_parts(part, ty, span))
                    .collect();
                self.push_expr(ExprKind::Tuple(elems), ty, span)
            }
            (Passing::Option(part), ITy::Option(some)) => {
                let tag = self.push_param(&name, ITy::BOOL, false, span);
                let tag = self.load_local(tag, span);
                let value = self.push_param_parts(part, *some, span);
                self.push_expr(ExprKind::Tuple(vec![tag, value]), ty, span)
            }
            (Passing::Copy, _) => {
                let pointer = ITy::Ref {
                    to: Box::new(ty.clone()),
                    mutable: true,
                };
                let local = self.push_param(&name, pointer, false, span);
                self.push_expr(ExprKind::Load(Place::local(local).deref()), ty, span)
            }
            _ => {
                let local = self.push_param(&name, ty, false, span);
                self.load_local(local, span)
            }
        }
    }

    /// Binds the parameters that are not bound yet.
    pub(super) fn lower_prologue(&mut self) {
        for (name, value) in std::mem::take(&mut self.prologue) {
            self.bind_param(name, value);
        }
    }

    /// Binds a parameter to its value.
    pub(super) fn bind_param(&mut self, name: Name<'a>, value: ExprId) {
        match name {
            Name::Receiver(receiver) => {
                self.bind_name(&receiver.ident, receiver.mutability, value);
            }
            Name::Pat(pat) => self.bind_pat(pat, value),
        }
    }

    /// Binds the names of an irrefutable pattern to parts of a value.
    pub(super) fn bind_pat(&mut self, pat: &hir::Pat, value: ExprId) {
        match pat {
            hir::Pat::Wild(_) => self.drop_value(value),
            hir::Pat::Paren(inner) => self.bind_pat(&inner.pat, value),
            hir::Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                self.bind_name(&pat.ident, pat.mutability, value);
            }
            _ => {
                let subject = self.subject_of(value);
                self.bind_pattern(pat, &subject, Mode::Move);
            }
        }
    }

    /// A name for a value; a reference to a place that stays the same needs no variable.
    fn bind_name(&mut self, ident: &hir::Ident, mutable: bool, value: ExprId) {
        let ty = self.infer.shallow(&self.ty_of(value));
        let is_name = matches!(
            ty,
            ITy::Ref { .. } | ITy::Slice { .. } | ITy::Closure(_) | ITy::Fn(_) | ITy::Iter(_)
        );
        if is_name && !mutable && self.is_stable(value) {
            self.bind_as(ident, Binding::Alias(value));
        } else {
            self.bind_value(ident, mutable, value);
        }
    }

    /// Whether a function has to be contained in its callers.
    pub(super) fn takes_callables(&self) -> bool {
        let item: &'a hir::Function = self.current.item;
        (item.sig.inputs.iter()).any(|input| self.fn_type(written_ty(input)).is_some())
    }

    /// The types of the parameters and of the result of a bound `Fn(A) -> B`.
    pub(super) fn fn_signature(&mut self, bound: &hir::Path) -> Option<(Vec<ITy>, ITy)> {
        let hir::PathArguments::Parenthesized { inputs, output } =
            &bound.segments.last()?.arguments
        else {
            self.diags.report(
                Code::Type,
                bound.span(),
                "this cannot be called by `#[jit]`",
                "write the types of its arguments: `impl Fn(f64) -> f64`",
            );
            return None;
        };
        let params: Vec<_> = inputs.iter().map(|ty| self.lower_ty(ty)).collect();
        let result = match output {
            Some(ty) => self.lower_ty(ty)?,
            None => ITy::Unit,
        };
        Some((params.into_iter().collect::<Option<_>>()?, result))
    }
}

fn is_fn(bound: &hir::Path) -> bool {
    let last = bound.segments.last();
    last.is_some_and(|last| ["Fn", "FnMut", "FnOnce"].contains(&last.ident.name.as_str()))
}
