//! The function that panics as a node of the user's function did.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

/// A node that may panic, and how.
#[derive(Clone, Debug)]
pub(crate) struct Replay {
    /// The node.
    pub(crate) node: u32,
    /// The user's token that the panic is located at.
    pub(crate) span: Span,
    /// What it does.
    pub(crate) kind: ReplayKind,
}

/// How a node panics.
#[derive(Clone, Debug)]
pub(crate) enum ReplayKind {
    /// As the trap says: an operator, an index, a method of std.
    Site,
    /// `abs`, `pow` or `next_power_of_two`, which panic inside of std if the crate that calls them checks overflow.
    Inherited(Inherited),
    /// `x.unwrap()` or `x.expect(message)` of an `Option`, or a numeric conversion.
    Unwrap {
        /// The method's name.
        method: Ident,
        /// The argument of `expect`.
        message: Option<TokenStream>,
        /// Whether it is a `Result`, and whether its error is a value that the trap carries (otherwise it is `()`).
        error: Option<bool>,
    },
    /// A macro with its arguments replaced by those of the trap.
    Panic(TokenStream),
    /// `assert!(..)` without a message.
    Assert(String),
}

/// A method of std whose overflow is its caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inherited {
    Abs,
    Pow,
    NextPowerOfTwo,
}

impl Inherited {
    /// The method of this name, if it is one of them.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "abs" => Inherited::Abs,
            "pow" => Inherited::Pow,
            "next_power_of_two" => Inherited::NextPowerOfTwo,
            _ => return None,
        })
    }
}

impl Replay {
    /// The statement that panics.
    fn tokens(&self) -> TokenStream {
        let span = self.span;
        match &self.kind {
            ReplayKind::Site => {
                quote_spanned!(span => ::hotloop::__private::replay(__hotloop_trap))
            }
            ReplayKind::Inherited(method) => {
                let name = match method {
                    Inherited::Abs => "replay_abs",
                    Inherited::Pow => "replay_pow",
                    Inherited::NextPowerOfTwo => "replay_next_power_of_two",
                };
                let name = Ident::new(name, span);
                quote_spanned!(span => ::hotloop::__private::#name(__hotloop_trap))
            }
            ReplayKind::Unwrap {
                method,
                message,
                error,
            } => {
                let value = match error {
                    None => quote_spanned!(span => ::hotloop::__private::none()),
                    Some(false) => quote_spanned!(span => ::hotloop::__private::err(())),
                    Some(true) => {
                        quote_spanned!(span => ::hotloop::__private::err(__hotloop_trap.arg(0)))
                    }
                };
                quote_spanned!(span => #value.#method(#message))
            }
            ReplayKind::Panic(mac) => quote_spanned!(span => { #mac; }),
            ReplayKind::Assert(text) => {
                quote_spanned!(span => ::hotloop::__private::assertion_failed(#text))
            }
        }
    }
}

/// The function, of this name: one for all nodes, and cold, so that callers stay small. Its tokens that matter have the user's spans, for
/// rustc locates panics by them.
pub(super) fn function(name: &Ident, replays: &[Replay], attributes: &[TokenStream]) -> TokenStream {
    // Several nodes at one token panic alike.
    let arms = replays.iter().map(|replay| {
        let node = Literal::u32_unsuffixed(replay.node);
        let statement = replay.tokens();
        quote!(#node => #statement,)
    });
    quote! {
        #[cold]
        #[inline(never)]
        #(#attributes)*
        fn #name(__hotloop_trap: &::hotloop::__private::TrapInfo) -> ! {
            match __hotloop_trap.node() {
                #(#arms)*
                _ => {}
            }
            ::hotloop::__private::replay_failed(__hotloop_trap)
        }
    }
}
