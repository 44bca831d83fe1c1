//! Types and paths.

use syn::spanned::Spanned;

use super::Converter;
use crate::hir;
use crate::lower::Code;

impl Converter {
    pub(super) fn ty(&mut self, ty: &syn::Type) -> hir::Type {
        self.nested(hir::Type::Infer, |this| this.shallow_ty(ty))
    }

    fn boxed_ty(&mut self, ty: &syn::Type) -> Box<hir::Type> {
        Box::new(self.ty(ty))
    }

    fn shallow_ty(&mut self, ty: &syn::Type) -> hir::Type {
        if let (Some(param), syn::Type::Path(path)) = (&self.self_param, ty)
            && path.qself.is_none()
            && path.path.is_ident("Self")
        {
            let param = syn::Ident::new(&param.to_string(), path.span());
            return self.shallow_ty(&syn::Type::Path(syn::TypePath {
                attrs: Vec::new(),
                qself: None,
                path: param.into(),
            }));
        }
        let span = self.node_of(ty);
        match ty {
            syn::Type::Array(array) => hir::Type::Array(hir::TypeArray {
                elem: self.boxed_ty(&array.elem),
                len: self.boxed_expr(&array.len),
                span,
            }),
            syn::Type::Group(group) => hir::Type::Group(hir::TypeGroup {
                elem: self.boxed_ty(&group.elem),
                span,
            }),
            syn::Type::ImplTrait(imp)
                if names_fn_trait(&imp.bounds) || names_iterator(&imp.bounds) =>
            {
                hir::Type::ImplFn(hir::TypeImplFn {
                    bounds: self.bounds(&imp.bounds),
                    span,
                })
            }
            syn::Type::Infer(_) => hir::Type::Infer(span),
            syn::Type::Never(_) => hir::Type::Never(span),
            syn::Type::Paren(paren) => hir::Type::Paren(hir::TypeParen {
                elem: self.boxed_ty(&paren.elem),
                span,
            }),
            syn::Type::Path(path) => {
                self.nodes.types.insert(span.0, ty.clone());
                hir::Type::Path(hir::TypePath {
                    qself: self.qself(path.qself.as_ref()),
                    path: self.path(&path.path),
                    span,
                })
            }
            syn::Type::Reference(reference) => hir::Type::Reference(hir::TypeReference {
                and_token: self.node(reference.and_token.span),
                mutability: reference.mutability.is_some(),
                elem: self.boxed_ty(&reference.elem),
                span,
            }),
            syn::Type::Slice(slice) => hir::Type::Slice(hir::TypeSlice {
                elem: self.boxed_ty(&slice.elem),
                span,
            }),
            syn::Type::Tuple(tuple) => {
                self.nodes.types.insert(span.0, ty.clone());
                hir::Type::Tuple(hir::TypeTuple {
                    elems: tuple.elems.iter().map(|elem| self.ty(elem)).collect(),
                    span,
                })
            }
            _ => hir::Type::Refused(self.refused_ty(ty)),
        }
    }

    fn refused_ty(&mut self, ty: &syn::Type) -> hir::Refusal {
        const LATE: &str = "what is called is decided when the program runs";
        let (what, why, help) = match ty {
            syn::Type::TraitObject(object) if names_fn_trait(&object.bounds) => (
                "functions behind references",
                LATE,
                "take `impl Fn(..) -> ..`, or write the body out in the loop",
            ),
            syn::Type::TraitObject(_) => (
                "trait objects",
                LATE,
                "make the function generic over the number type, or call the object outside",
            ),
            syn::Type::ImplTrait(_) => (
                "`impl Trait` types",
                "what they can do is for the trait to say",
                "name a type parameter with a num-traits bound",
            ),
            syn::Type::FnPtr(_) => (
                "function pointers",
                LATE,
                "take `impl Fn(..) -> ..`, or call the function outside and pass its values as a slice",
            ),
            syn::Type::Ptr(_) => (
                "raw pointers",
                "nothing says that they may be followed",
                "pass a slice",
            ),
            _ => ("such types", "", "pass slices and scalars"),
        };
        let mut refusal = self.refusal(Code::Type, ty.span(), what, help);
        if !why.is_empty() {
            refusal.message = format!("{}: {why}", refusal.message);
        }
        refusal
    }

    pub(super) fn qself(&mut self, qself: Option<&syn::QSelf>) -> Option<Box<hir::Type>> {
        qself.map(|qself| self.boxed_ty(&qself.ty))
    }

    pub(super) fn return_ty(&mut self, output: &syn::ReturnType) -> Option<hir::Type> {
        match output {
            syn::ReturnType::Default => None,
            syn::ReturnType::Type(_, ty) => Some(self.ty(ty)),
        }
    }

    pub(super) fn path(&mut self, path: &syn::Path) -> hir::Path {
        let span = self.node_of(path);
        self.nodes.paths.insert(span.0, path.clone());
        let segments = path.segments.iter().map(|segment| hir::PathSegment {
            ident: self.ident(&segment.ident),
            arguments: self.path_arguments(&segment.arguments),
        });
        hir::Path {
            leading_colon: path.leading_colon.is_some(),
            segments: segments.collect(),
            span,
        }
    }

    fn path_arguments(&mut self, arguments: &syn::PathArguments) -> hir::PathArguments {
        match arguments {
            syn::PathArguments::None => hir::PathArguments::None,
            syn::PathArguments::AngleBracketed(arguments) => {
                hir::PathArguments::AngleBracketed(self.generic_arguments(arguments))
            }
            syn::PathArguments::Parenthesized(arguments) => hir::PathArguments::Parenthesized {
                inputs: (arguments.inputs.iter())
                    .map(|input| self.ty(&input.ty))
                    .collect(),
                output: self.return_ty(&arguments.output).map(Box::new),
            },
        }
    }

    pub(super) fn generic_arguments(
        &mut self,
        arguments: &syn::AngleBracketedGenericArguments,
    ) -> Vec<hir::GenericArgument> {
        (arguments.args.iter())
            .filter_map(|argument| {
                Some(match argument {
                    syn::GenericArgument::Lifetime(_) => return None,
                    syn::GenericArgument::Type(ty) => hir::GenericArgument::Type(self.ty(ty)),
                    syn::GenericArgument::Const(expr) => {
                        hir::GenericArgument::Const(self.expr(expr))
                    }
                    syn::GenericArgument::AssocType(assoc) => hir::GenericArgument::AssocType(
                        self.ident(&assoc.ident),
                        self.ty(&assoc.ty),
                    ),
                    other => hir::GenericArgument::Other(self.node_of(other)),
                })
            })
            .collect()
    }

    /// The traits among bounds.
    pub(super) fn bounds<'b>(
        &mut self,
        bounds: impl IntoIterator<Item = &'b syn::TypeParamBound>,
    ) -> Vec<hir::Path> {
        (bounds.into_iter())
            .filter_map(|bound| match bound {
                syn::TypeParamBound::Trait(bound) => Some(self.path(&bound.path)),
                _ => None,
            })
            .collect()
    }
}

/// `T` of `impl Into<T>`, which may be `Copy` and the like, too.
pub fn into_target(ty: &syn::Type) -> Option<&syn::Type> {
    let syn::Type::ImplTrait(imp) = ty else {
        return None;
    };
    let mut target = None;
    for bound in &imp.bounds {
        let syn::TypeParamBound::Trait(bound) = bound else {
            continue;
        };
        let last = bound.path.segments.last()?;
        match (&*last.ident.to_string(), &last.arguments) {
            ("Copy" | "Clone" | "Send" | "Sync", _) => {}
            ("Into", syn::PathArguments::AngleBracketed(arguments)) => {
                let mut arguments = arguments.args.iter();
                match (arguments.next(), arguments.next(), target) {
                    (Some(syn::GenericArgument::Type(ty)), None, None) => target = Some(ty),
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
    match target {
        Some(syn::Type::Path(path)) if path.qself.is_none() => path.path.get_ident().and(target),
        _ => None,
    }
}

/// Whether this is `impl Iterator<Item = f64>` or its like.
pub fn names_iterator<'b>(bounds: impl IntoIterator<Item = &'b syn::TypeParamBound>) -> bool {
    bounds.into_iter().any(|bound| match bound {
        syn::TypeParamBound::Trait(bound) if bound.maybe.is_none() => {
            let last = bound.path.segments.last();
            last.is_some_and(|last| hir::ITERATORS.iter().any(|name| last.ident == name))
        }
        _ => false,
    })
}

/// Whether this is `impl Fn(f64) -> f64` or its like.
pub(super) fn names_fn_trait(
    bounds: &syn::punctuated::Punctuated<syn::TypeParamBound, syn::Token![+]>,
) -> bool {
    bounds.iter().any(|bound| {
        matches!(bound, syn::TypeParamBound::Trait(bound)
        if bound.path.segments.last().is_some_and(|last| {
            last.ident == "Fn" || last.ident == "FnMut" || last.ident == "FnOnce"
        }))
    })
}
