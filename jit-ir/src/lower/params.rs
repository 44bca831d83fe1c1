//! Parameters that can be called, and those that are iterators: a function that has some is contained in its callers.

use super::diag::Code;
use super::infer::ITy;
use super::state::Lowering;
use crate::expr::ExprId;
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
        self.bounds_of(param).find(|bound| is_fn(bound))
    }

    /// The bound of a type parameter that stands for an iterator.
    pub(super) fn iter_bound<'p>(&self, param: &'p hir::TypeParam) -> Option<&'p hir::Path>
    where
        'a: 'p,
    {
        self.bounds_of(param).find(|bound| is_iterator(bound))
    }

    /// Whether what a type parameter stands for is no part of an instance.
    pub(super) fn is_open_param(&self, param: &hir::TypeParam) -> bool {
        let mut bounds = self.bounds_of(param);
        bounds.any(|bound| is_fn(bound) || is_iterator(bound))
    }

    /// What is written of a type parameter, behind its name and in the `where` clause.
    fn bounds_of<'p>(&self, param: &'p hir::TypeParam) -> impl Iterator<Item = &'p hir::Path>
    where
        'a: 'p,
    {
        let item: &'a hir::Function = self.current.item;
        let predicates = (item.sig.generics.predicates.iter())
            .filter(|predicate| {
                matches!(&predicate.bounded_ty, hir::Type::Path(path) if path.path.is_ident(&param.ident.name))
            })
            .flat_map(|predicate| &predicate.bounds);
        param.bounds.iter().chain(predicates)
    }

    /// The type parameter of this name.
    fn type_param(&self, name: &hir::Ident) -> Option<&'a hir::TypeParam> {
        let item: &'a hir::Function = self.current.item;
        (item.sig.generics.params.iter()).find_map(|param| match param {
            hir::GenericParam::Type(param) if param.ident.name == name.name => Some(param),
            _ => None,
        })
    }

    /// `Fn(A) -> B` of a path that names a type parameter with this bound.
    fn fn_param(&self, path: &hir::Path) -> Option<&'a hir::Path> {
        self.fn_bound(self.type_param(path.get_ident()?)?)
    }

    /// `Iterator<Item = T>` of the type of a parameter that is an iterator, or becomes one.
    pub(super) fn iter_type(&self, written: &'a hir::Type) -> Option<&'a hir::Path> {
        match written {
            hir::Type::Paren(inner) => self.iter_type(&inner.elem),
            hir::Type::Group(inner) => self.iter_type(&inner.elem),
            hir::Type::Reference(inner) => self.iter_type(&inner.elem),
            hir::Type::ImplFn(imp) => imp.bounds.iter().find(|bound| is_iterator(bound)),
            hir::Type::Path(path) if path.qself.is_none() => {
                self.iter_bound(self.type_param(path.path.get_ident()?)?)
            }
            _ => None,
        }
    }

    /// The type of the items that such a bound gives, if it says so: otherwise a caller knows it.
    pub(super) fn item_of_bound(&mut self, bound: &hir::Path) -> ITy {
        let named = match bound.segments.last().map(|last| &last.arguments) {
            Some(hir::PathArguments::AngleBracketed(arguments)) => {
                arguments.iter().find_map(|argument| match argument {
                    hir::GenericArgument::AssocType(name, ty) if name.name == "Item" => Some(ty),
                    _ => None,
                })
            }
            _ => None,
        };
        named
            .and_then(|ty| self.lower_ty(ty))
            .unwrap_or(ITy::REPORTED)
    }

    /// `I::Item`, of a type parameter that stands for an iterator, as far as it is known.
    pub(super) fn named_item(&mut self, path: &hir::Path) -> Option<ITy> {
        let [of, item] = path.segments.as_slice() else {
            return None;
        };
        if item.ident != "Item" || !of.arguments.is_none() {
            return None;
        }
        let bound = self.iter_bound(self.type_param(&of.ident)?)?;
        Some(match self.item_of_bound(bound) {
            ITy::REPORTED => self.infer.fresh(),
            known => known,
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

    /// Makes what a caller passes for something that can be called, or for an iterator, agree with what the function says of it: there may be
    /// literals in it that have no type yet. `false`: the parameter is none of these.
    pub(super) fn declare_open(&mut self, arg: ExprId, written: &'a hir::Type) -> bool {
        let passed = self.infer.shallow(&self.ty_of(arg));
        if let Some(bound) = self.fn_type(written) {
            if let (ITy::Closure(id), Some((params, result))) = (passed, self.fn_signature(bound)) {
                let params: Vec<ITy> = params.iter().map(|ty| self.infer.concrete(ty)).collect();
                let result = self.infer.concrete(&result);
                self.declare_closure(id, &params, &result);
            }
            return true;
        }
        let Some(bound) = self.iter_type(written) else {
            return false;
        };
        let item = self.item_of_bound(bound);
        if self.infer.is_reported(&item) {
            return true;
        }
        let item = self.infer.concrete(&item);
        let given = match &passed {
            ITy::Iter(id) => self.item_ty(*id, self.span_of(arg)),
            ITy::Array { elem, .. } => (**elem).clone(),
            ITy::Option(some) => (**some).clone(),
            _ => return true,
        };
        // rustc has found that they agree.
        let _ = self.infer.unify(&given, &item);
        true
    }

    /// Whether a function has to be contained in its callers.
    pub(super) fn takes_callables(&self) -> bool {
        let item: &'a hir::Function = self.current.item;
        (item.sig.inputs.iter()).any(|input| {
            let written = written_ty(input);
            self.fn_type(written).is_some() || self.iter_type(written).is_some()
        })
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

/// Whether a trait is one of iterators, by its name.
pub(super) fn is_iterator(bound: &hir::Path) -> bool {
    let last = bound.segments.last();
    last.is_some_and(|last| hir::ITERATORS.contains(&last.ident.name.as_str()))
}

fn is_fn(bound: &hir::Path) -> bool {
    let last = bound.segments.last();
    last.is_some_and(|last| ["Fn", "FnMut", "FnOnce"].contains(&last.ident.name.as_str()))
}
