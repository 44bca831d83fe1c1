//! Parameters, type parameters and the result.

use super::binding::Binding;
use super::bounds::Bounds;
use super::consts::scalar_const;
use super::diag::Code;
use super::infer::ITy;
use super::params::written_ty;
use super::state::Lowering;
use super::types::scalar_of;
use super::views::ViewParam;
use crate::arena::Handle;
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::func::LocalId;
use crate::hir;
use crate::instance::{ConstInfo, TypeInfo};
use crate::ty::ScalarTy;

/// How a parameter arrives.
pub(super) enum Passing {
    /// A scalar, slice or reference: a parameter of the IR.
    Leaf(ITy),
    /// Behind a reference to the caller's copy.
    Copy(ITy),
    /// The elements, one after the other.
    Tuple(Vec<Passing>),
    /// Whether there is something, then what.
    Option(Box<Passing>),
    /// Whether it is `Ok`, then what `Ok` has, then what `Err` has.
    Result(Box<Passing>, Box<Passing>),
    /// `()` in an `Option` or a `Result`: nothing.
    Unit,
    /// An array of ndarray, taken apart.
    View(ViewParam),
}

impl Passing {
    /// Whether an array of ndarray is a part of it.
    fn has_view(&self) -> bool {
        match self {
            Passing::View(_) => true,
            Passing::Tuple(parts) => parts.iter().any(Passing::has_view),
            Passing::Option(inner) => inner.has_view(),
            Passing::Result(ok, err) => ok.has_view() || err.has_view(),
            Passing::Leaf(_) | Passing::Copy(_) | Passing::Unit => false,
        }
    }
}

/// The type arguments of `Option<..>`, `std::result::Result<..>` and the like, if that is what is written: the shim goes by it, too.
pub(super) fn std_args<'t>(ty: &'t hir::TypePath, name: &str) -> Option<Vec<&'t hir::Type>> {
    let is_std = match ty.path.segments.as_slice() {
        [_] => true,
        [first, module, _] => {
            (first.ident == "std" || first.ident == "core")
                && module.ident.name == name.to_lowercase()
        }
        _ => false,
    };
    let last = ty.path.segments.last()?;
    if !is_std || ty.qself.is_some() || last.ident != name {
        return None;
    }
    let hir::PathArguments::AngleBracketed(args) = &last.arguments else {
        return None;
    };
    (args.iter())
        .map(|arg| match arg {
            hir::GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .collect()
}

/// What a parameter is bound to.
#[derive(Clone, Copy)]
pub(super) enum ParamName<'a> {
    Receiver(&'a hir::Receiver),
    Pat(&'a hir::Pat),
}

impl<'a> ParamName<'a> {
    /// The name, if it is nothing more, and whether it is `mut`.
    fn plain(self) -> Option<(&'a hir::Ident, bool)> {
        match self {
            ParamName::Receiver(receiver) => Some((&receiver.ident, receiver.mutability)),
            ParamName::Pat(hir::Pat::Ident(pat))
                if pat.by_ref.is_none() && pat.subpat.is_none() =>
            {
                Some((&pat.ident, pat.mutability))
            }
            ParamName::Pat(_) => None,
        }
    }

    fn for_each_ident(self, visit: &mut dyn FnMut(&hir::Ident)) {
        match self {
            ParamName::Receiver(receiver) => visit(&receiver.ident),
            ParamName::Pat(pat) => pat.for_each_ident(&mut |pat| visit(&pat.ident)),
        }
    }
}

/// A parameter that is bound when all are there.
pub(super) struct Later<'a> {
    name: ParamName<'a>,
    value: ExprId,
}

fn pointee_of(local: LocalId) -> Place {
    Place {
        local,
        projections: vec![Projection::Deref],
    }
}

impl<'a> Lowering<'a> {
    /// Parameters and result. Returns what is bound when all parameters are there.
    pub(super) fn lower_signature(&mut self) -> Vec<Later<'a>> {
        let signature = &self.current.item.sig;
        for refusal in &signature.refusals {
            self.diags.refuse(refusal);
        }
        self.lower_generics(false);
        self.n_type_params = self.type_params.len();
        let mut later = Vec::new();
        for input in &signature.inputs {
            if let (hir::FnArg::Typed(param), Some(bound)) =
                (input, self.fn_type(written_ty(input)))
            {
                let value = self.opaque_callable(bound, param.ty.span());
                let name = ParamName::Pat(&param.pat);
                later.push(Later { name, value });
                continue;
            }
            if let (hir::FnArg::Typed(param), Some(bound)) =
                (input, self.iter_type(written_ty(input)))
            {
                let value = self.opaque_iter(bound, &param.ty, param.ty.span());
                let name = ParamName::Pat(&param.pat);
                later.push(Later { name, value });
                continue;
            }
            match input {
                hir::FnArg::Receiver(receiver) => {
                    let name = ParamName::Receiver(receiver);
                    self.lower_param(name, &receiver.ty, &mut later);
                }
                hir::FnArg::Typed(param) => {
                    if let Some(refusal) = &param.refusal {
                        self.diags.refuse(refusal);
                    }
                    let name = ParamName::Pat(&param.pat);
                    self.lower_param(name, &param.ty, &mut later);
                    self.note_converted(param.into, name);
                }
            }
        }
        if let Some(ty) = &signature.output {
            let result = self.lower_ty(ty);
            match result.filter(|result| self.check_result(result, ty.span()).is_some()) {
                Some(result) => {
                    if let Some(context) = self.current.context
                        && !self.is_written_out(ty, &result)
                    {
                        context.linkage.note_renamed(context.number);
                    }
                    self.current.result = result;
                }
                // Reported; the body is still looked at, with a result that agrees with everything.
                None => self.current.result = ITy::REPORTED,
            }
        }
        later
    }

    /// Brings the type parameters of the current function into scope. What they stand for takes their place if only the signature matters;
    /// in a body they stay themselves, since methods of traits are not always those of the type.
    pub(super) fn lower_generics(&mut self, signature_only: bool) {
        let generics = &self.current.item.sig.generics;
        let mut type_args = match self.current.context {
            Some(context) => context.instance().type_args.iter(),
            None => [].iter(),
        };
        let mut const_args = match self.current.context {
            Some(context) => context.instance().const_args.iter(),
            None => [].iter(),
        };
        for param in &generics.params {
            match param {
                // What stands for a closure is no type argument.
                hir::GenericParam::Type(param) if self.is_open_param(param) => {}
                hir::GenericParam::Type(param) => {
                    let name = param.ident.to_string();
                    let meaning = match type_args.next() {
                        None => self.push_type_param(name.clone(), &param.bounds, None),
                        Some(TypeInfo::Scalar(scalar)) if !signature_only => {
                            self.push_type_param(name.clone(), &param.bounds, Some(*scalar))
                        }
                        Some(other) => ITy::of_info(other).unwrap_or(ITy::REPORTED),
                    };
                    self.current.type_params.push((name, meaning));
                }
                hir::GenericParam::Const(param) => {
                    let value = const_args.next();
                    self.lower_const_param(param, value);
                }
            }
        }
        for predicate in &generics.predicates {
            if let hir::Type::Path(path) = &predicate.bounded_ty
                && let Some(ITy::Param(index)) = self.known_ty(&path.path)
                && let Some(bounds) = self.bounds.get_mut(index as usize)
            {
                bounds.add(&predicate.bounds);
            }
        }
    }

    /// A type parameter that is told apart from what it stands for.
    fn push_type_param(
        &mut self,
        name: String,
        bounds: &[hir::Path],
        bound: Option<ScalarTy>,
    ) -> ITy {
        self.type_params.push(name);
        let mut known = Bounds::default();
        known.add(bounds);
        self.bounds.push(known);
        self.infer.bound.push(bound);
        ITy::Param(self.type_params.len() as u32 - 1)
    }

    /// `const N: usize`: its value is known when the function is called.
    fn lower_const_param(&mut self, param: &hir::ConstParam, value: Option<&ConstInfo>) {
        let Some(ty) = self.lower_ty(&param.ty) else {
            return self.bind_reported(&param.ident);
        };
        let span = param.ident.span();
        let known = value.and_then(|info| scalar_const(&info.bytes, scalar_of(&ty)?));
        let kind = match known {
            Some(value) => ExprKind::Const(value),
            None => ExprKind::Zeroed,
        };
        let value = self.push_expr(kind, ty, span);
        if self.current.depth == 0 && self.context_is_open() {
            (self.infer.const_params).push(param.ident.name.clone());
        }
        self.bind_as(&param.ident, Binding::Alias(value));
    }

    /// Remembers the variable that a parameter `impl Into<T>` is.
    pub(super) fn note_converted(&mut self, into: bool, name: ParamName<'a>) {
        if into
            && let Some((ident, _)) = name.plain()
            && let Some(local) = self.lookup(ident)
        {
            self.converted.insert(local);
        }
    }

    fn lower_param(&mut self, name: ParamName<'a>, ty: &hir::Type, later: &mut Vec<Later<'a>>) {
        let Some(passing) = self.passing(ty) else {
            return name.for_each_ident(&mut |ident| self.bind_reported(ident));
        };
        if let (Passing::Leaf(ty), Some((ident, mutable))) = (&passing, name.plain()) {
            let local = self.push_param(ident.to_string(), ty.clone(), mutable, ident.span());
            self.bind(ident, local);
            return;
        }
        if let (Passing::Leaf(ty), ParamName::Pat(hir::Pat::Wild(span))) = (&passing, name) {
            self.push_param("_".to_owned(), ty.clone(), false, *span);
            return;
        }
        let value = self.receive(passing, ty.span());
        later.push(Later { name, value });
    }

    pub(super) fn push_param(
        &mut self,
        name: String,
        ty: ITy,
        mutable: bool,
        span: hir::Span,
    ) -> LocalId {
        let local = self.push_local(name, ty, mutable, span);
        // Parameters are the first locals, unless a problem has been reported.
        debug_assert!(!self.diags.is_empty() || local == Handle::from_index(self.params.len()));
        self.params.push(local);
        local
    }

    /// How a parameter of this type is passed: "Calling convention" in ARCHITECTURE.md, by syntax.
    pub(super) fn passing(&mut self, ty: &hir::Type) -> Option<Passing> {
        if let Some(view) = self.view_param(ty) {
            return view.map(Passing::View);
        }
        Some(match ty {
            hir::Type::Paren(inner) => self.passing(&inner.elem)?,
            hir::Type::Group(inner) => self.passing(&inner.elem)?,
            hir::Type::Tuple(tuple) if !tuple.elems.is_empty() => {
                let elems: Vec<_> = tuple.elems.iter().map(|elem| self.passing(elem)).collect();
                Passing::Tuple(elems.into_iter().collect::<Option<_>>()?)
            }
            hir::Type::Path(path) => {
                match (std_args(path, "Option"), std_args(path, "Result")) {
                    (Some(args), _) if args.len() == 1 => {
                        return Some(Passing::Option(self.payload_passing(args[0])?));
                    }
                    (_, Some(args)) if args.len() == 2 => {
                        let (ok, err) =
                            (self.payload_passing(args[0]), self.payload_passing(args[1]));
                        return Some(Passing::Result(ok?, err?));
                    }
                    _ => {}
                }
                let ty = self.lower_memory_ty(ty)?;
                let by_value = path.path.get_ident().is_some()
                    && path.qself.is_none()
                    && path.path.segments.len() == 1;
                match (ty, by_value) {
                    (ty @ (ITy::Scalar(_) | ITy::Param(_)), true)
                        if self.names_scalar(&path.path) =>
                    {
                        Passing::Leaf(ty)
                    }
                    // What rustc's pointers to slices look like, nothing says.
                    (ITy::Slice { .. }, _) => {
                        let help = "write `&[T]` or `&mut [T]`";
                        self.refuse_param(path.span, "a slice by another name", help);
                        return None;
                    }
                    // The shim goes by what is written.
                    (ITy::Option(_) | ITy::Result(..), _) => {
                        self.diags.report(
                            Code::Signature,
                            path.span,
                            "another name for `Option` or `Result` as the type of a parameter cannot be jitted",
                            "write `Option<T>` or `Result<T, E>`",
                        );
                        return None;
                    }
                    (ty, _) => {
                        self.check_memory(&ty, path.span)?;
                        Passing::Copy(ty)
                    }
                }
            }
            hir::Type::Array(_) => {
                let array = self.lower_memory_ty(ty)?;
                self.check_memory(&array, ty.span())?;
                Passing::Copy(array)
            }
            _ => match self.lower_ty(ty)? {
                ITy::Unit => {
                    self.refuse_param(ty.span(), "a parameter of type `()`", "leave it out");
                    return None;
                }
                leaf => {
                    if let ITy::Ref { to: inner, .. } | ITy::Slice { elem: inner, .. } = &leaf {
                        self.check_memory(inner, ty.span())?;
                    }
                    Passing::Leaf(leaf)
                }
            },
        })
    }

    /// Refuses what lies in rustc's memory and has an `Option` or a `Result` in it: where the parts of these are, nothing says. `None`: reported.
    fn check_memory(&mut self, ty: &ITy, span: hir::Span) -> Option<()> {
        if !self.has_variants(ty) {
            return Some(());
        }
        self.diags.report(
            Code::Signature,
            span,
            "an `Option` or a `Result` behind a reference, in a slice or in an array cannot be a parameter or a result: its layout is not defined",
            "pass `Option<T>` or `Option<&T>` itself, or values and flags",
        );
        None
    }

    fn has_variants(&self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Option(_) | ITy::Result(..) => true,
            ITy::Tuple(elems) => elems.iter().any(|elem| self.has_variants(elem)),
            ITy::Array { elem: inner, .. }
            | ITy::Slice { elem: inner, .. }
            | ITy::Ref { to: inner, .. } => self.has_variants(&inner),
            _ => false,
        }
    }

    /// As [`Lowering::check_memory`], for the parts of a result, which are returned one by one.
    fn check_result(&mut self, ty: &ITy, span: hir::Span) -> Option<()> {
        match self.infer.shallow(ty) {
            ITy::Tuple(elems) => (elems.iter()).try_for_each(|elem| self.check_result(elem, span)),
            ITy::Option(some) => self.check_result(&some, span),
            ITy::Result(ok, err) => {
                self.check_result(&ok, span)?;
                self.check_result(&err, span)
            }
            array @ ITy::Array { .. } => self.check_memory(&array, span),
            // References are for callers that contain the function.
            _ => Some(()),
        }
    }

    /// Whether a result is passed as the shim expects it, which goes by what is written: nothing that is passed in parts, or not at all, has
    /// another name.
    fn is_written_out(&self, written: &hir::Type, result: &ITy) -> bool {
        match (written, self.infer.shallow(result)) {
            (hir::Type::Paren(inner), _) => self.is_written_out(&inner.elem, result),
            (hir::Type::Group(inner), _) => self.is_written_out(&inner.elem, result),
            (hir::Type::Tuple(tuple), ITy::Unit) => tuple.elems.is_empty(),
            (hir::Type::Tuple(tuple), ITy::Tuple(elems)) => {
                let mut parts = tuple.elems.iter().zip(&elems);
                tuple.elems.len() == elems.len()
                    && parts.all(|(written, elem)| self.is_written_out(written, elem))
            }
            (hir::Type::Path(path), ITy::Option(some)) => {
                let args = std_args(path, "Option");
                args.is_some_and(|args| match args.as_slice() {
                    [written] => self.is_written_out(written, &some),
                    _ => false,
                })
            }
            (hir::Type::Path(path), ITy::Result(ok, err)) => {
                let args = std_args(path, "Result");
                args.is_some_and(|args| match args.as_slice() {
                    [first, second] => {
                        self.is_written_out(first, &ok) && self.is_written_out(second, &err)
                    }
                    _ => false,
                })
            }
            // What lies in one piece of memory; its size is rustc's.
            (
                hir::Type::Path(_),
                ITy::Scalar(_)
                | ITy::Char
                | ITy::Param(_)
                | ITy::Array { .. }
                | ITy::Struct(_)
                | ITy::Enum(_)
                | ITy::DataEnum(_)
                | ITy::Ordering
                | ITy::Ref { .. },
            )
            | (hir::Type::Array(_), ITy::Array { .. }) => true,
            // References are for callers that contain the function.
            (hir::Type::Reference(_), _) => true,
            // Reported.
            (_, ITy::Var(_) | ITy::Unknown(_)) => true,
            _ => false,
        }
    }

    /// Whether a path is the plain name of a primitive type or of a type parameter.
    fn names_scalar(&self, path: &hir::Path) -> bool {
        path.get_ident().is_some_and(|ident| {
            ScalarTy::from_name(&ident.name).is_some()
                || (self.current.item.sig.generics.params.iter()).any(|param| match param {
                    hir::GenericParam::Type(param) => param.ident.name == ident.name,
                    hir::GenericParam::Const(_) => false,
                })
        })
    }

    /// How what is in an `Option` or a `Result` is passed.
    fn payload_passing(&mut self, ty: &hir::Type) -> Option<Box<Passing>> {
        match ty {
            hir::Type::Tuple(tuple) if tuple.elems.is_empty() => Some(Box::new(Passing::Unit)),
            ty => {
                let passing = self.passing(ty)?;
                if passing.has_view() {
                    let help = "pass an array, which may be empty, and a `bool`";
                    self.refuse_param(ty.span(), "an array that may not be there", help);
                    return None;
                }
                Some(Box::new(passing))
            }
        }
    }

    fn refuse_param(&mut self, span: hir::Span, what: &str, help: &str) {
        self.diags.report(
            Code::Signature,
            span,
            format!("{what} cannot be jitted"),
            help,
        );
    }

    /// Takes a parameter: the expression for its value.
    fn receive(&mut self, passing: Passing, span: hir::Span) -> ExprId {
        let fresh = |this: &Self| format!("${}", this.params.len());
        match passing {
            Passing::Leaf(ty) => {
                let name = fresh(self);
                let local = self.push_param(name, ty, false, span);
                self.load_local(local, span)
            }
            Passing::Copy(ty) => {
                let name = fresh(self);
                let to = Box::new(ty.clone());
                let pointer = ITy::Ref { to, mutable: false };
                let local = self.push_param(name, pointer, false, span);
                self.push_expr(ExprKind::Load(pointee_of(local)), ty, span)
            }
            Passing::View(param) => self.receive_view(param, span),
            Passing::Tuple(elems) => {
                let elems: Vec<_> = (elems.into_iter())
                    .map(|elem| self.receive(elem, span))
                    .collect();
                let tys = elems.iter().map(|elem| self.ty_of(*elem)).collect();
                self.push_expr(ExprKind::Tuple(elems), ITy::Tuple(tys), span)
            }
            Passing::Unit => self.unit(span),
            Passing::Option(some) => {
                let name = fresh(self);
                let flag = self.push_param(name, ITy::BOOL, false, span);
                let tag = self.load_local(flag, span);
                let is_copy = matches!(*some, Passing::Copy(_));
                let mut value = self.receive(*some, span);
                let some = self.ty_of(value);
                if is_copy {
                    // A copy of what is behind the pointer only if there is something.
                    let nothing = self.push_expr(ExprKind::Zeroed, some.clone(), span);
                    let kind = ExprKind::Select {
                        cond: self.load_local(flag, span),
                        then: value,
                        otherwise: nothing,
                    };
                    value = self.push_expr(kind, some.clone(), span);
                }
                let ty = ITy::Option(Box::new(some));
                self.push_expr(ExprKind::Tuple(vec![tag, value]), ty, span)
            }
            Passing::Result(ok, err) => {
                let name = fresh(self);
                let flag = self.push_param(name, ITy::BOOL, false, span);
                let tag = self.load_local(flag, span);
                let ok = self.receive(*ok, span);
                let err = self.receive(*err, span);
                let ty = ITy::Result(Box::new(self.ty_of(ok)), Box::new(self.ty_of(err)));
                self.push_expr(ExprKind::Tuple(vec![tag, ok, err]), ty, span)
            }
        }
    }

    /// Binds parameters that are no locals of the calling convention.
    pub(super) fn bind_later(&mut self, later: Vec<Later<'a>>) {
        for Later { name, value } in later {
            self.bind_param(name, value);
        }
    }

    /// Binds a parameter to its value.
    pub(super) fn bind_param(&mut self, name: ParamName<'a>, value: ExprId) {
        let ty = self.infer.shallow(&self.ty_of(value));
        let callable = matches!(ty, ITy::Closure(_) | ITy::Fn(_) | ITy::View(_));
        match (name, name.plain()) {
            (_, Some((ident, _))) if callable => self.bind_as(ident, Binding::Alias(value)),
            (ParamName::Receiver(receiver), _) => {
                self.bind_value(&receiver.ident, receiver.mutability, value);
            }
            (ParamName::Pat(pat), _) => self.bind_let(pat, value),
        }
    }

    pub(super) fn contains_slice(&mut self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Slice { .. } => true,
            ITy::Tuple(elems) => elems.iter().any(|elem| self.contains_slice(elem)),
            ITy::Ref { .. } => true,
            ITy::Array { elem, .. } => self.contains_slice(&elem),
            ITy::Option(some) => self.contains_slice(&some),
            ITy::Result(ok, err) => self.contains_slice(&ok) || self.contains_slice(&err),
            ITy::Unit
            | ITy::Scalar(_)
            | ITy::Char
            | ITy::Param(_)
            | ITy::Struct(_)
            | ITy::Enum(_)
            | ITy::DataEnum(_)
            | ITy::Ordering
            | ITy::TryFromIntError
            | ITy::TryFromSliceError
            | ITy::Closure(_)
            | ITy::Fn(_)
            | ITy::Iter(_)
            | ITy::View(_)
            | ITy::Var(_)
            | ITy::Unknown(_) => false,
        }
    }
}
