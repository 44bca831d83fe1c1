//! Macros that only rustc knows, the user's and those of other crates: they are called as host functions of the variables that they name.
//!
//! ```text
//! let y = approx!(x, self.tolerance);
//!
//! |(x, __hotloop_self)| (|| -> Lifted<_> { Lifted(approx!(x, __hotloop_self.tolerance)) })().0
//! ```
//!
//! The closure finds what could make this something else than the macro in its place, and rustc refuses it: variables are not `mut`, so that
//! none is assigned; a `return` or `?` of the expansion would have to give a `Lifted`, where `macro_flow` has no way for it to leave. A `return`
//! among the macro's own tokens, of a statement, is made to give a `Left` there, and compiled code returns what that has. What is left is a statement that declares a variable
//! which has a name already. (Variables that it declares under names that are none yet are what it gives: they are the value of the block that it is
//! put in.) There the macro is compiled once more, with constants in place of variables, which no `let` may hide.

use hotloop_ir::frontend::{ArrayLen, ExternKind, ExternUse, Leaves, Witness};
use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::callee::types_of;
use super::deps::{Asker, ident};
use super::shim::scalar_tokens;

/// The macros that declare variables.
pub(super) fn declared(uses: &[ExternUse]) -> Vec<(u32, Vec<u32>)> {
    (uses.iter())
        .filter_map(|of| match &of.kind {
            ExternKind::Macro { declared, .. } if !declared.is_empty() => {
                Some((of.node, declared.clone()))
            }
            _ => None,
        })
        .collect()
}

impl Asker<'_> {
    /// The statement about a macro.
    pub(super) fn mac(
        &self,
        node: u32,
        names: &[u32],
        args: &[Witness],
        is_statement: bool,
        leaves: &Leaves,
    ) -> Option<TokenStream> {
        let mac = self.nodes.macros.get(&node)?;
        let path = mac.path.to_token_stream().to_string().replace(' ', "");
        let text = format!("{path}!");
        let variables = self.variables(names)?;
        let pattern = quote!((#(#variables,)*));
        let witnesses = self.witnesses(args);
        let (number, types) = (Literal::u32_unsuffixed(node), types_of(args));
        let lifted = self.lifted(node, is_statement)?;
        let types = match self.declared_by(node)? {
            declared if declared.len() > 1 => {
                let parts = (0..declared.len()).map(|index| format_ident!("part_{index}"));
                let described = super::callee::described(args, 0);
                quote! {
                    |__hotloop_types| ::hotloop::__private::crossed(
                        ::hotloop::__private::Vec::from([#(#described),*]),
                        __hotloop_types.result().of_parts(::hotloop::__private::Vec::from([
                            #((&__hotloop_types.result().#parts()).passed_type()),*
                        ])),
                    )
                }
            }
            _ => types,
        };
        let lifted = match leaves {
            Leaves::Returns => self.leaving(lifted),
            Leaves::Anyhow { returned, in_loop } => {
                self.flowing(&lifted, returned, *in_loop, is_statement)
            }
            Leaves::Nowhere => quote!({
                let __hotloop_lifted = (|| -> ::hotloop::__private::Lifted<_> {
                    ::hotloop::__private::Lifted(#lifted)
                })();
                __hotloop_lifted.0
            }),
        };
        let check = match is_statement {
            false => TokenStream::new(),
            true => match self.with_constants(node, &variables, args, leaves) {
                Some(check) => check,
                None => {
                    let message = format!(
                        "the macro `{text}` cannot be captured by `#[jit]`: it could declare variables\nhelp: write its expansion out, or put its statement in a block"
                    );
                    let span =
                        Span::call_site().located_at(self.nodes.span(hotloop_ir::hir::Span(node)));
                    return Some(quote_spanned!(span => ::core::compile_error!(#message);));
                }
            },
        };
        Some(quote! {
            #[allow(warnings, arithmetic_overflow, unconditional_panic)]
            {
                #check
                __hotloop_deps.outside(
                    #number,
                    #text,
                    || (#(#witnesses,)*),
                    |#pattern| ::hotloop::__private::Returned(#lifted).returned(),
                    #types,
                );
            }
        })
    }

    /// An expression of the type that a macro gives.
    pub(super) fn macro_witness(
        &self,
        node: u32,
        names: &[u32],
        args: &[Witness],
    ) -> Option<TokenStream> {
        let variables = self.variables(names)?;
        let declares = !self.declared_by(node)?.is_empty();
        let (witnesses, mut lifted) = (self.witnesses(args), self.lifted(node, declares)?);
        let leaving = self.leaving.iter().find(|(of, _)| *of == node);
        if let Some((_, Leaves::Anyhow { returned, in_loop })) = leaving {
            let flow = self.flowing(&lifted, returned, *in_loop, false);
            lifted = quote! {
                match #flow {
                    ::core::result::Result::Ok(__hotloop_value) => __hotloop_value,
                    ::core::result::Result::Err(_) => ::hotloop::__private::any(),
                }
            };
        }
        Some(quote!({
            #(let #variables = #witnesses;)*
            #lifted
        }))
    }

    /// The variables as the macro has to see them.
    fn variables(&self, names: &[u32]) -> Option<Vec<Ident>> {
        (names.iter())
            .map(|node| {
                let name = self.nodes.macro_names.get(node)?;
                if name == "self" {
                    return Some(self_name());
                }
                let mut ident = ident(name);
                ident.set_span(self.nodes.span(hotloop_ir::hir::Span(*node)));
                Some(ident)
            })
            .collect()
    }

    /// The variables that a macro declares.
    fn declared_by(&self, node: u32) -> Option<Vec<Ident>> {
        match self.declared.iter().find(|(of, _)| *of == node) {
            Some((_, names)) => self.variables(names),
            None => Some(Vec::new()),
        }
    }

    /// The macro in a place where `self` has another name.
    fn lifted(&self, node: u32, is_statement: bool) -> Option<TokenStream> {
        let mut mac = self.nodes.macros.get(&node)?.clone();
        mac.tokens = without_self(mac.tokens);
        let declared = self.declared_by(node)?;
        let mac = match is_statement {
            true => match declared.as_slice() {
                [] => quote!({ #mac; }),
                [name] => quote!({ #mac; #name }),
                names => quote!({ #mac; (#(#names),*) }),
            },
            false => mac.to_token_stream(),
        };
        Some(self.guarded(node, mac))
    }

    /// A macro with a `return` among its tokens, as a `Result`: the `Err` has what is returned. What the expansion returns by itself is of another
    /// type.
    fn leaving(&self, lifted: TokenStream) -> TokenStream {
        let lifted = with_marked_returns(lifted);
        let ty = match self.output {
            syn::ReturnType::Default => quote!(()),
            syn::ReturnType::Type(_, ty) => super::ours::as_ours(ty.to_token_stream()),
        };
        quote!({
            let __hotloop_left = (|| -> ::hotloop::__private::Left<#ty> {
                #lifted
                ::hotloop::__private::Left(::core::result::Result::Ok(()))
            })();
            __hotloop_left.0
        })
    }

    /// A statement that does not compile if the macro declares a variable of one of these names. `None`: there is no such statement.
    fn with_constants(
        &self,
        node: u32,
        variables: &[Ident],
        args: &[Witness],
        leaves: &Leaves,
    ) -> Option<TokenStream> {
        let mut lifted = self.lifted(node, true)?;
        if !self.declared_by(node)?.is_empty() {
            lifted = quote!({ let _ = #lifted; });
        }
        match leaves {
            Leaves::Nowhere => {}
            Leaves::Returns => lifted = self.leaving(lifted),
            Leaves::Anyhow { returned, in_loop } => {
                lifted = self.flowing(&lifted, returned, *in_loop, true);
            }
        }
        let constants = (variables.iter().zip(args))
            .filter(|(variable, _)| **variable != self_name())
            .map(|(variable, arg)| {
                if let Witness::Slice {
                    elem,
                    mutable: true,
                } = arg
                {
                    let (ty, _) = self.constant(elem)?;
                    return Some(quote!(static mut #variable: &'static mut [#ty] = &mut [];));
                }
                let (ty, value) = self.constant(arg)?;
                Some(quote!(const #variable: #ty = #value;))
            })
            .collect::<Option<Vec<_>>>()?;
        if constants.is_empty() {
            return Some(TokenStream::new());
        }
        let of_self = (variables.iter().zip(args))
            .filter(|(variable, _)| **variable == self_name())
            .map(|(variable, arg)| {
                let witness = self.witness(arg);
                quote!(let #variable = #witness;)
            });
        Some(quote! {
            let _ = || {
                #(#constants)*
                #(#of_self)*
                unsafe { #lifted }
            };
        })
    }

    /// A type and a value of it, for a constant.
    fn constant(&self, ty: &Witness) -> Option<(TokenStream, TokenStream)> {
        Some(match ty {
            Witness::Scalar(hotloop_ir::ScalarTy::Bool) => (quote!(bool), quote!(false)),
            Witness::Scalar(scalar) => {
                let ty = scalar_tokens(*scalar);
                (ty.clone(), quote!(0u8 as #ty))
            }
            Witness::Int => (quote!(i32), quote!(0)),
            Witness::Float => (quote!(f64), quote!(0.0)),
            Witness::Unit => (quote!(()), quote!(())),
            Witness::Tuple(elems) => {
                let elems: Vec<_> = elems
                    .iter()
                    .map(|elem| self.constant(elem))
                    .collect::<Option<_>>()?;
                let (tys, values): (Vec<_>, Vec<_>) = elems.into_iter().unzip();
                (quote!((#(#tys,)*)), quote!((#(#values,)*)))
            }
            Witness::Array(elem, Some(ArrayLen::Known(len))) => {
                let (ty, value) = self.constant(elem)?;
                let len = Literal::u64_unsuffixed(*len);
                (quote!([#ty; #len]), quote!([#value; #len]))
            }
            Witness::Slice {
                elem,
                mutable: false,
            } => {
                let (ty, _) = self.constant(elem)?;
                (quote!(&'static [#ty]), quote!(&[]))
            }
            Witness::Ref { to, mutable: false } => {
                let (ty, value) = self.constant(to)?;
                (quote!(&'static #ty), quote!(&(#value)))
            }
            Witness::Option(some) => {
                let (ty, _) = self.constant(some)?;
                (
                    quote!(::core::option::Option<#ty>),
                    quote!(::core::option::Option::None),
                )
            }
            // Of the user's types, all zeros if that is a value; or else rustc says that it is none.
            Witness::Adt(node) if self.params.is_empty() => {
                let ty = self.ty(*node)?;
                if matches!(&ty, syn::Type::Path(path) if path.path.is_ident("Self")) {
                    return None;
                }
                (
                    ty.to_token_stream(),
                    quote!(unsafe { ::core::mem::zeroed() }),
                )
            }
            _ => return None,
        })
    }
}

/// Tokens in which `return x` is `return Left(Err(x))`: what is returned goes to the next `;` or `,`, or to the end.
fn with_marked_returns(tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter();
    let mut marked = TokenStream::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "return" => {
                let mut value = TokenStream::new();
                let mut end = None;
                for token in tokens.by_ref() {
                    match &token {
                        TokenTree::Punct(punct) if matches!(punct.as_char(), ';' | ',') => {
                            end = Some(token);
                            break;
                        }
                        _ => value.extend([token]),
                    }
                }
                let value = match value.is_empty() {
                    true => quote!(()),
                    false => with_marked_returns(value),
                };
                marked.extend(quote! {
                    #word ::hotloop::__private::Left(::core::result::Result::Err({ #value })) #end
                });
            }
            TokenTree::Group(group) => {
                let inner = with_marked_returns(group.stream());
                let mut inner = Group::new(group.delimiter(), inner);
                inner.set_span(group.span());
                marked.extend([TokenTree::Group(inner)]);
            }
            other => marked.extend([other]),
        }
    }
    marked
}

fn self_name() -> Ident {
    format_ident!("__hotloop_self")
}

fn without_self(tokens: TokenStream) -> TokenStream {
    (tokens.into_iter())
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == "self" => TokenTree::Ident(self_name()),
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_self(group.stream()));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other,
        })
        .collect()
}
