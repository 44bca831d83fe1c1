//! The function that panics as a node of the user's function did.

use hotloop_ir::frontend::{PanicMacro, PanicNode, PanicNodeKind};
use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Expr, Lit};

use super::Input;
use crate::features::has_arrays;
use hotloop_ir::hir::{Use, captures};

/// The function, of this name: one for all nodes, and cold, so that callers stay small. Its tokens that matter have the user's spans, for
/// rustc locates panics by them.
pub(super) fn function(name: &Ident, input: &Input<'_>, attributes: &[TokenStream]) -> TokenStream {
    let arms = input.panics.iter().map(|panic| {
        let node = Literal::u32_unsuffixed(panic.node);
        let statement = statement(panic, input);
        quote!(#node => #statement,)
    });
    quote! {
        #[cold]
        #[inline(never)]
        #(#attributes)*
        fn #name(__hotloop_trap: &::hotloop::__private::TrapInfo) -> ! {
            #[allow(unused_imports)]
            use ::hotloop::__private::replay as __hotloop_replay;
            match __hotloop_trap.node() {
                #(#arms)*
                _ => {}
            }
            ::hotloop::__private::replay_failed(__hotloop_trap)
        }
    }
}

/// The statement that panics.
fn statement(panic: &PanicNode, input: &Input<'_>) -> TokenStream {
    let span = panic.span;
    // A span of the user's has the user's hygiene.
    let trap = quote!(__hotloop_trap);
    match &panic.kind {
        PanicNodeKind::Operation => {
            match replay_of(panic.node, input) {
                // The usual one, in few tokens.
                "replay" => quote_spanned!(span => __hotloop_replay(#trap)),
                name => {
                    let name = Ident::new(name, span);
                    quote_spanned!(span => ::hotloop::__private::#name(#trap))
                }
            }
        }
        PanicNodeKind::SubSlice { bracket } => call_of_index(span, *bracket),
        PanicNodeKind::Index { bracket } if input.range_indices.contains(&panic.node) => {
            call_of_index(span, *bracket)
        }
        PanicNodeKind::Index { bracket } => {
            let operation = quote_spanned!(span => ::hotloop::__private::replay(#trap));
            if has_arrays(&input.item.sig) {
                let call = call_of_index(span, *bracket);
                quote!(if #trap.is_of_array() #call else { #operation })
            } else {
                operation
            }
        }
        PanicNodeKind::Expect { message } => {
            quote_spanned!(span => ::hotloop::__private::replay_expect(#trap, #message))
        }
        PanicNodeKind::Macro(mac) => {
            let statement = macro_statement(mac, span);
            quote_spanned!(span => { #statement; })
        }
    }
}

/// An index again, as rustc locates it by its brackets or by the whole, depending on its version.
fn call_of_index(span: Span, bracket: Span) -> TokenStream {
    let whole = Ident::new("__hotloop_whole", span);
    let mut index = Group::new(Delimiter::Bracket, quote!(()));
    index.set_span(bracket);
    quote! {{
        let #whole = ::hotloop::__private::Whole(__hotloop_trap);
        let _ = &#whole #index;
    }}
}

/// Which function of the runtime panics as the operation. Some methods panic inside of std if *the crate that calls them* checks overflow;
/// there are functions for them that are compiled in this crate.
fn replay_of(node: u32, input: &Input<'_>) -> &'static str {
    let nodes = input.nodes;
    let method = nodes.methods.get(&node).map(|call| &call.method);
    let function =
        (nodes.values.get(&node)).and_then(|path| Some(&path.path.segments.last()?.ident));
    let name = method.or(function).map(|name| name.unraw().to_string());
    // The methods of num-traits say themselves where they panic.
    if input.generic_methods.contains(&node) {
        match name.as_deref() {
            Some("abs") => return "replay_generic_abs",
            Some("div_euclid") => return "replay_generic_div_euclid",
            Some("rem_euclid") => return "replay_generic_rem_euclid",
            _ => {}
        }
    }
    match name.as_deref() {
        Some("abs") => "replay_abs",
        Some("pow") => "replay_pow",
        Some("next_power_of_two") => "replay_next_power_of_two",
        Some("neg") => "replay_neg",
        Some("next_multiple_of") => "replay_next_multiple_of",
        Some("sum" | "product") => "replay_sum",
        _ => "replay",
    }
}

/// The macro, with its arguments replaced by those that the trap carries.
fn macro_statement(mac: &PanicMacro, span: Span) -> TokenStream {
    let name = (mac.mac.path.segments.last()).map(|last| last.ident.unraw().to_string());
    let name = name.as_deref().unwrap_or_default();
    let path = &mac.mac.path;
    let trap = quote!(__hotloop_trap);
    if name.ends_with("assert_eq") || name.ends_with("assert_ne") {
        let name = Ident::new(name.trim_start_matches("debug_"), span);
        let message = trap_message(&mac.message, 2, span);
        let comma = (!message.is_empty()).then(|| quote!(,));
        return quote_spanned! { span =>
            ::core::#name!(#trap.arg(0), #trap.arg(1) #comma #message)
        };
    }
    match &mac.condition {
        Some(text) if mac.message.is_empty() => {
            let text = format!("assertion failed: {text}");
            quote_spanned!(span => ::hotloop::__private::assertion_failed(#text))
        }
        Some(_) => {
            let message = trap_message(&mac.message, 0, span);
            quote_spanned!(span => ::core::panic!(#message))
        }
        None => {
            let message = trap_message(&mac.message, 0, span);
            quote_spanned!(span => #path!(#message))
        }
    }
}

/// A format string and its arguments; the trap's operands from `first` on are the values of the arguments, in order, then those of the
/// variables that the format string names itself.
fn trap_message(args: &[Expr], first: usize, span: Span) -> TokenStream {
    let trap = quote!(__hotloop_trap);
    message(args, &|index, is_count| {
        let index = first + index;
        if is_count {
            quote_spanned!(span => #trap.count(#index))
        } else {
            quote_spanned!(span => #trap.arg(#index))
        }
    })
}

/// A format string and its arguments, in terms of the values of the arguments, in order, then those of the variables that the format string
/// names itself. `value` gives each; it is told whether it is a width or a precision.
pub(super) fn message(message: &[Expr], value: &dyn Fn(usize, bool) -> TokenStream) -> TokenStream {
    let Some((format, args)) = message.split_first() else {
        return TokenStream::new();
    };
    let text = match format {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => text.value(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    let uses = captures(&text);
    let mut tokens = format.to_token_stream();
    let mut named = Vec::new();
    for (index, arg) in args.iter().enumerate() {
        let (name, expr) = match arg {
            Expr::Assign(assign) => (Some(&assign.left), &*assign.right),
            expr => (None, expr),
        };
        let key = match name {
            Some(name) => name.to_token_stream().to_string(),
            None => index.to_string(),
        };
        let is_count = (uses.iter()).any(|found| found.name == key && found.is_count);
        // rustc writes a literal into the message, which makes a difference to the payload.
        let value = match expr {
            Expr::Lit(_) => expr.to_token_stream(),
            _ => value(index, is_count),
        };
        tokens.extend(match name {
            Some(name) => quote!(, #name = #value),
            None => quote!(, #value),
        });
        named.push(key);
    }
    let captured = uses.iter().filter(|found| !named.contains(&found.name));
    let captured = captured.filter(|found| !found.name.starts_with(|c: char| c.is_ascii_digit()));
    for (index, Use { name, is_count }) in captured.enumerate() {
        let Ok(ident) =
            syn::parse_str::<Ident>(name).or_else(|_| syn::parse_str(&format!("r#{name}")))
        else {
            continue;
        };
        let value = value(args.len() + index, *is_count);
        tokens.extend(quote!(, #ident = #value));
    }
    tokens
}
