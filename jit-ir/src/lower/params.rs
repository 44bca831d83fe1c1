//! Parameters that can be called: a function that has some is contained in its callers.

use super::diag::Code;
use super::infer::ITy;
use super::state::Lowering;
use crate::hir;

/// A parameter's type as it is written.
pub(super) fn written_ty(input: &hir::FnArg) -> &hir::Type {
    match input {
        hir::FnArg::Receiver(receiver) => &receiver.ty,
        hir::FnArg::Typed(param) => &param.ty,
    }
}

impl<'a> Lowering<'a> {
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
