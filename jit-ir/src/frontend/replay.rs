//! How the shim panics at a trap site: by doing the same thing again.
//!
//! Tokens that decide where rustc locates the panic carry the span of the user's token; `unsafe` and the types do not,
//! so that lints and hygiene of the user's crate do not see them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::infer::ITy;
use super::show::show_expr;
use crate::expr::BinaryOp;
use crate::ty::Ty;

/// What the user's code did at a trap site.
#[derive(Clone)]
pub(super) enum Replay {
    Binary {
        op: BinaryOp,
        compound: bool,
        lhs: ITy,
        rhs: ITy,
    },
    Neg {
        ty: ITy,
    },
    Index,
    Method {
        callee: Callee,
        args: Vec<ITy>,
    },
    Unwrap {
        method: Ident,
        message: Option<syn::LitStr>,
    },
    StepBy,
    Panic {
        mac: Box<syn::Macro>,
    },
    Assert {
        condition: Box<syn::Expr>,
        message: Option<Box<syn::Expr>>,
    },
}

/// How the user called a method.
#[derive(Clone)]
pub(super) enum Callee {
    /// `a.name(b)`; `by_ref` says which arguments after the receiver were written `&b`.
    Method { name: Ident, by_ref: Vec<bool> },
    /// `Type::name(a, b)`; `by_ref` says which arguments were written `&a`.
    Function {
        path: Box<syn::ExprPath>,
        by_ref: Vec<bool>,
    },
}

/// Writes types for the shim.
pub(super) struct TypeNames<'a> {
    pub(super) params: &'a [Ident],
}

impl TypeNames<'_> {
    /// The type as a path that no user's name can shadow; parameters by their own names.
    pub(super) fn tokens(&self, ty: &Ty, span: Span) -> TokenStream {
        match ty {
            Ty::Unit => quote_spanned!(span => ()),
            Ty::Scalar(scalar) => {
                let name = Ident::new(scalar.name(), span);
                quote_spanned!(span => ::core::primitive::#name)
            }
            Ty::Param(index) => self
                .params
                .get(*index as usize)
                .map(ToTokens::to_token_stream)
                .unwrap_or_default(),
            Ty::Tuple(elems) => {
                let elems = elems.iter().map(|elem| self.tokens(elem, span));
                quote_spanned!(span => (#(#elems,)*))
            }
            Ty::Array { .. } | Ty::Struct(_) | Ty::Ref { .. } => TokenStream::new(),
            Ty::Slice { elem, mutable } => {
                let elem = self.tokens(elem, span);
                if *mutable {
                    quote_spanned!(span => &mut [#elem])
                } else {
                    quote_spanned!(span => &[#elem])
                }
            }
        }
    }
}

impl Replay {
    /// The statements that panic. `resolve` gives the final types.
    pub(super) fn tokens(
        &self,
        span: Span,
        names: &TypeNames<'_>,
        resolve: &mut dyn FnMut(&ITy) -> Option<Ty>,
    ) -> TokenStream {
        let mut operand = |index: usize, ty: &ITy| {
            let ty = resolve(ty).map(|ty| names.tokens(&ty, Span::call_site()))?;
            Some(quote!(unsafe { ::hotloop::__private::operand::<#ty>(__hotloop_trap, #index) }))
        };
        let statements = match self {
            Replay::Binary {
                op,
                compound,
                lhs,
                rhs,
            } => operand(0, lhs).zip(operand(1, rhs)).map(|(lhs, rhs)| {
                let op = op_tokens(*op, *compound, span);
                if *compound {
                    quote_spanned! { span =>
                        let mut __hotloop_lhs = #lhs;
                        let __hotloop_rhs = #rhs;
                        __hotloop_lhs #op __hotloop_rhs;
                        ::hotloop::__private::replayed(__hotloop_lhs);
                    }
                } else {
                    quote_spanned! { span =>
                        let __hotloop_lhs = #lhs;
                        let __hotloop_rhs = #rhs;
                        ::hotloop::__private::replayed(__hotloop_lhs #op __hotloop_rhs);
                    }
                }
            }),
            Replay::Neg { ty } => operand(0, ty).map(|value| {
                quote_spanned! { span =>
                    let __hotloop_lhs = #value;
                    ::hotloop::__private::replayed(-__hotloop_lhs);
                }
            }),
            Replay::Index => {
                operand(0, &ITy::USIZE)
                    .zip(operand(1, &ITy::USIZE))
                    .map(|(index, len)| {
                        quote_spanned! { span =>
                            let __hotloop_len = #len;
                            let __hotloop_index = #index;
                            let __hotloop_slice = ::hotloop::__private::unit_slice(__hotloop_len);
                            ::hotloop::__private::replayed(&__hotloop_slice[__hotloop_index]);
                        }
                    })
            }
            Replay::Method { callee, args } => {
                let values: Option<Vec<_>> = args
                    .iter()
                    .enumerate()
                    .map(|(index, ty)| operand(index, ty))
                    .collect();
                values.map(|values| method_tokens(callee, &values, span))
            }
            Replay::Unwrap { method, message } => Some(quote_spanned! { span =>
                ::hotloop::__private::none().#method(#message);
            }),
            Replay::StepBy => {
                let method = Ident::new("step_by", span);
                Some(
                    quote_spanned! { span => let _ = (0..1).#method(::hotloop::__private::zero()); },
                )
            }
            Replay::Panic { mac } => Some(quote_spanned! { span => #mac; }),
            Replay::Assert {
                condition,
                message: None,
            } => {
                let text = format!("assertion failed: {}", show_expr(condition));
                Some(quote_spanned! { span => ::hotloop::__private::assertion_failed(#text); })
            }
            Replay::Assert {
                message: Some(message),
                ..
            } => Some(quote_spanned! { span =>
                ::core::panic!(#message);
            }),
        };
        // A type that inference left open has been reported already.
        statements.unwrap_or_default()
    }
}

fn method_tokens(callee: &Callee, values: &[TokenStream], span: Span) -> TokenStream {
    let names: Vec<Ident> = (0..values.len())
        .map(|index| format_ident!("__hotloop_arg{index}", span = span))
        .collect();
    let argument = |name: &Ident, by_ref: bool| {
        if by_ref {
            quote_spanned!(span => &#name)
        } else {
            quote_spanned!(span => #name)
        }
    };
    let call = match callee {
        Callee::Method { name, by_ref } => {
            let receiver = &names[0];
            let args = names[1..]
                .iter()
                .zip(by_ref)
                .map(|(name, by_ref)| argument(name, *by_ref));
            quote_spanned!(span => #receiver.#name(#(#args),*))
        }
        Callee::Function { path, by_ref } => {
            let args = names
                .iter()
                .zip(by_ref)
                .map(|(name, by_ref)| argument(name, *by_ref));
            quote_spanned!(span => #path(#(#args),*))
        }
    };
    quote_spanned! { span =>
        #(let #names = #values;)*
        ::hotloop::__private::replayed(#call);
    }
}

fn op_tokens(op: BinaryOp, compound: bool, span: Span) -> TokenStream {
    match (op, compound) {
        (BinaryOp::Add, false) => quote_spanned!(span => +),
        (BinaryOp::Add, true) => quote_spanned!(span => +=),
        (BinaryOp::Sub, false) => quote_spanned!(span => -),
        (BinaryOp::Sub, true) => quote_spanned!(span => -=),
        (BinaryOp::Mul, false) => quote_spanned!(span => *),
        (BinaryOp::Mul, true) => quote_spanned!(span => *=),
        (BinaryOp::Div, false) => quote_spanned!(span => /),
        (BinaryOp::Div, true) => quote_spanned!(span => /=),
        (BinaryOp::Rem, false) => quote_spanned!(span => %),
        (BinaryOp::Rem, true) => quote_spanned!(span => %=),
        (BinaryOp::Shl, false) => quote_spanned!(span => <<),
        (BinaryOp::Shl, true) => quote_spanned!(span => <<=),
        (BinaryOp::Shr, false) => quote_spanned!(span => >>),
        (BinaryOp::Shr, true) => quote_spanned!(span => >>=),
        // These have no site.
        (BinaryOp::BitAnd, _) => quote_spanned!(span => &),
        (BinaryOp::BitOr, _) => quote_spanned!(span => |),
        (BinaryOp::BitXor, _) => quote_spanned!(span => ^),
        (BinaryOp::Eq, _) => quote_spanned!(span => ==),
        (BinaryOp::Ne, _) => quote_spanned!(span => !=),
        (BinaryOp::Lt, _) => quote_spanned!(span => <),
        (BinaryOp::Le, _) => quote_spanned!(span => <=),
        (BinaryOp::Gt, _) => quote_spanned!(span => >),
        (BinaryOp::Ge, _) => quote_spanned!(span => >=),
    }
}
