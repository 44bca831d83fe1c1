//! Signatures.

use proc_macro2::Span;
use syn::spanned::Spanned;

use super::Converter;
use crate::hir;
use crate::lower::Code;

impl Converter {
    /// A signature, with the type parameters of the `impl` before its own.
    pub(super) fn signature(
        &mut self,
        signature: &syn::Signature,
        outer: Option<&syn::Generics>,
    ) -> hir::Signature {
        let mut refusals = Vec::new();
        let mut refuse = |this: &mut Self, span: Span, what: &str, help: &str| {
            refusals.push(hir::Refusal {
                code: Code::Signature,
                message: format!("{what} cannot be jitted"),
                help: help.to_owned(),
                span: this.node(span),
            });
        };
        if let Some(token) = &signature.asyncness {
            let help = "move the loop to a function that is not `async`: compiled code cannot wait in its middle";
            refuse(self, token.span, "`async` functions", help);
        }
        // A method is compiled for its jitted callers, and stays `const` for the others.
        if let (Some(token), None) = (&signature.constness, outer) {
            let help = "remove `const`: compiled code cannot run at build time";
            refuse(self, token.span, "`const` functions", help);
        }
        let unsafety = match &signature.safety {
            syn::Safety::Unsafe(token) => Some(self.node(token.span)),
            _ => None,
        };
        if let Some(abi) = &signature.abi {
            let help = "call the jitted function from an `extern` one";
            refuse(self, abi.extern_token.span, "`extern` functions", help);
        }
        if let Some(variadic) = &signature.variadic {
            let span = variadic.dots.spans[0];
            refuse(self, span, "variadic functions", "pass a slice");
        }
        let mut generics = hir::Generics::default();
        for one in outer.into_iter().chain([&signature.generics]) {
            self.generics(one, &mut generics);
        }
        hir::Signature {
            ident: self.ident(&signature.ident),
            unsafety,
            refusals,
            generics,
            inputs: (signature.inputs.iter())
                .map(|input| self.input(input))
                .collect(),
            output: self.return_ty(&signature.output),
        }
    }

    fn generics(&mut self, generics: &syn::Generics, out: &mut hir::Generics) {
        for param in &generics.params {
            match param {
                syn::GenericParam::Lifetime(_) => {}
                syn::GenericParam::Type(param) => {
                    let param = hir::TypeParam {
                        ident: self.ident(&param.ident),
                        bounds: self.bounds(&param.bounds),
                    };
                    out.params.push(hir::GenericParam::Type(param));
                }
                syn::GenericParam::Const(param) => {
                    let param = hir::ConstParam {
                        const_token: self.node(param.const_token.span),
                        ident: self.ident(&param.ident),
                        ty: self.ty(&param.ty),
                    };
                    out.params.push(hir::GenericParam::Const(param));
                }
            }
        }
        let predicates = generics.where_clause.iter().flat_map(|it| &it.predicates);
        for predicate in predicates {
            if let syn::WherePredicate::Type(predicate) = predicate {
                let predicate = hir::WherePredicate {
                    bounded_ty: self.ty(&predicate.bounded_ty),
                    bounds: self.bounds(&predicate.bounds),
                };
                out.predicates.push(predicate);
            }
        }
    }

    fn input(&mut self, input: &syn::FnArg) -> hir::FnArg {
        match input {
            syn::FnArg::Receiver(receiver) => hir::FnArg::Receiver(self.receiver(receiver)),
            syn::FnArg::Typed(param) => hir::FnArg::Typed(hir::Param {
                refusal: param.attrs.first().map(|attribute| {
                    let span = attribute.path().span();
                    let what = "attributes on parameters";
                    self.refusal(Code::Attribute, span, what, "remove the attribute")
                }),
                pat: self.pat(&param.pat),
                ty: self.ty(super::ty::into_target(&param.ty).unwrap_or(&param.ty)),
                into: super::ty::into_target(&param.ty).is_some(),
            }),
        }
    }

    fn receiver(&mut self, receiver: &syn::Receiver) -> hir::Receiver {
        let token = receiver.self_token.span;
        let ident = syn::Ident::new("self", token);
        let self_ty: syn::Type = syn::parse_quote_spanned!(token=> Self);
        let ty = match &receiver.kind {
            syn::ReceiverKind::Reference(and_token, _, mutability) => {
                hir::Type::Reference(hir::TypeReference {
                    and_token: self.node(and_token.span),
                    mutability: mutability.is_some(),
                    elem: Box::new(self.ty(&self_ty)),
                    span: self.node(and_token.span),
                })
            }
            syn::ReceiverKind::Typed(_, ty) => self.ty(ty),
            _ => self.ty(&self_ty),
        };
        hir::Receiver {
            ident: self.ident(&ident),
            mutability: receiver.mutability.is_some(),
            ty,
        }
    }
}
