//! The companion's public functions, and the static that calls go through.

use hotloop_ir::{FastMath, Parallelism, Schedule};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;

use super::generics::Generics;
use super::ours::as_ours;
use super::shim::convention;
use super::{Function, Input};
use crate::options::Require;

/// The companion's public functions.
pub(super) fn tools(vis: &TokenStream, function: &Function) -> TokenStream {
    let companion = &function.companion;
    let compile = compile_signature(&format_ident!("compile"), function);
    let would_compile = would_compile_signature(&format_ident!("would_compile"), function);
    let type_args = function.generics.type_args();
    let deps = &function.deps;
    // rustc expands this faster than a macro that users compile without optimization.
    quote! {
        ::hotloop::__private::tools! {
            vis(#vis) compile(#compile) would_compile(#would_compile) of(#companion, #type_args) deps(#deps)
        }
    }
}

/// The name of the function that gives the tools of a method.
pub(super) fn name_of_method(method: &str) -> Ident {
    format_ident!("__hotloop_tools_of_{method}")
}

/// `tools!(Particle::step)` → `Particle::__hotloop_tools_of_step()`.
///
/// # Errors
///
/// If that is no path of a method.
pub(crate) fn of_path(tokens: TokenStream) -> Result<TokenStream, syn::Error> {
    let mut path: syn::ExprPath = syn::parse2(tokens)?;
    let (in_type, last) = {
        let mut segments = path.path.segments.iter().rev();
        let last = segments.next();
        let around = segments.next().map(|segment| segment.ident.to_string());
        let is_type = around.is_some_and(|name| name.starts_with(|c: char| c.is_uppercase()));
        (is_type || path.qself.is_some(), last.cloned())
    };
    let name = last.filter(|_| in_type).ok_or_else(|| {
        let message = "`tools!` takes the path of a method\nhelp: a jitted function has them itself: `dot::report()`";
        syn::Error::new_spanned(&path, message)
    })?;
    if let Some(last) = path.path.segments.last_mut() {
        let span = last.ident.span();
        last.ident = name_of_method(&name.ident.unraw().to_string());
        last.ident.set_span(span);
        last.arguments = syn::PathArguments::None;
    }
    Ok(quote!(#path()))
}

/// The signature of the function that compiles.
pub(super) fn compile_signature(name: &Ident, function: &Function) -> TokenStream {
    let result = quote!(::core::result::Result<::hotloop::Specialization, ::hotloop::Error>);
    signature_for_types(name, function, &result)
}

/// The signature of the function that says what a call would do.
pub(super) fn would_compile_signature(name: &Ident, function: &Function) -> TokenStream {
    signature_for_types(name, function, &quote!(::hotloop::NextCall))
}

fn signature_for_types(name: &Ident, function: &Function, result: &TokenStream) -> TokenStream {
    let instance = function.generics.of_instance();
    let (generics, _, where_clause) = instance.split_for_impl();
    let (generics, where_clause) = (
        as_ours(generics.to_token_stream()),
        as_ours(where_clause.to_token_stream()),
    );
    quote! {
        fn #name #generics () -> #result #where_clause
    }
}

fn string() -> TokenStream {
    quote!(::hotloop::__private::String)
}

fn listing() -> TokenStream {
    let string = string();
    quote!(::core::result::Result<#string, ::hotloop::Error>)
}

/// Makes the type of a result.
type ResultTokens = fn() -> TokenStream;

/// The public functions whose signatures name no type of the user's, with their results.
pub(super) const UNTYPED: [(&str, ResultTokens); 7] = [
    ("stats", || quote!(::hotloop::FunctionStats)),
    ("specializations", || {
        quote!(::hotloop::__private::Vec<::hotloop::Specialization>)
    }),
    ("declined", || {
        quote!(::hotloop::__private::Vec<::hotloop::Declined>)
    }),
    ("report", || quote!(::hotloop::Report)),
    ("ir", string),
    ("llvm_ir", listing),
    ("asm", listing),
];

/// The static that calls go through, and the function, of the name `getter`, that all of the expansion reaches it by. `deps`: the function that says
/// what the names mean, if there are some and that depends on no type argument.
pub(super) fn dispatcher(
    input: &Input<'_>,
    generics: &Generics,
    getter: &Ident,
    name: &str,
    trap: &TokenStream,
    deps: Option<&TokenStream>,
    contained: Option<&str>,
) -> TokenStream {
    let deps = match generics.is_empty() {
        true => deps.map(with_deps),
        false => Some(quote!(.deps(::core::option::Option::None))),
    };
    let contained = contained.map(|reason| quote!(.contained(#reason)));
    let bytes = Literal::byte_string(input.bytes);
    let n_slots = generics.n_slots();
    let overflow_checks = input.profile.overflow_checks();
    let fastmath = fastmath_tokens(input.options.liberties());
    let coverage = input.profile.coverage;
    let convention = convention(&input.item.sig, generics);
    let require = input.options.require.map(|required| {
        let Require {
            span: _,
            vectorized,
            no_checks,
            no_host_calls,
            parallel,
        } = required;
        quote! {
            .require(::hotloop::__private::Requirements {
                vectorized: #vectorized, no_checks: #no_checks, no_host_calls: #no_host_calls, parallel: #parallel,
            })
        }
    });
    let cache = input.options.cache;
    let parallel = parallel_tokens(input.options.parallel);
    let is_usual = input.options.is_plain() && !coverage && contained.is_none();
    let source = match convention {
        Some((n_args, n_results)) if is_usual => quote! {
            usual(
                #name, ::core::module_path!(), #bytes, #overflow_checks, ::core::cfg!(debug_assertions), #trap, #n_args, #n_results,
            ) #deps
        },
        convention => {
            let convention = match convention {
                Some((n_args, n_results)) => {
                    quote!(::core::option::Option::Some((#n_args, #n_results)))
                }
                None => quote!(::core::option::Option::None),
            };
            let deps = deps.or_else(|| Some(with_deps(&quote!(::hotloop::__private::no_deps))));
            quote! {
                new(
                    #name,
                    ::core::module_path!(),
                    #bytes,
                    ::hotloop::__private::BuildOptions {
                        overflow_checks: #overflow_checks,
                        debug_assertions: ::core::cfg!(debug_assertions),
                        fastmath: #fastmath,
                        parallel: #parallel,
                    },
                    #coverage,
                    #trap,
                    #convention,
                    #cache,
                ) #deps #require #contained
            }
        }
    };
    quote! {
        #[inline(always)]
        fn #getter() -> &'static ::hotloop::__private::Dispatcher<#n_slots> {
            static __HOTLOOP: ::hotloop::__private::Dispatcher<#n_slots> =
                ::hotloop::__private::Dispatcher::new(::hotloop::__private::Source::#source);
            &__HOTLOOP
        }
    }
}

/// `.deps(Some(..))`.
fn with_deps(deps: &TokenStream) -> TokenStream {
    quote!(.deps(::core::option::Option::Some(#deps)))
}

fn parallel_tokens(asked: Option<Parallelism>) -> TokenStream {
    fn option<V: ToTokens>(value: Option<V>) -> TokenStream {
        match value {
            Some(value) => quote!(::core::option::Option::Some(#value)),
            None => quote!(::core::option::Option::None),
        }
    }
    let path = quote!(::hotloop::__private::Parallelism);
    let Some(asked) = asked else {
        return option::<TokenStream>(None);
    };
    if asked == Parallelism::AUTO {
        return option(Some(quote!(#path::AUTO)));
    }
    let Parallelism {
        threads,
        min_len,
        chunk,
        schedule,
    } = asked;
    let (threads, min_len, chunk) = (option(threads), option(min_len), option(chunk));
    let schedule = option(schedule.map(|schedule| match schedule {
        Schedule::Static => quote!(::hotloop::__private::Schedule::Static),
        Schedule::Dynamic => quote!(::hotloop::__private::Schedule::Dynamic),
        Schedule::Guided => quote!(::hotloop::__private::Schedule::Guided),
    }));
    option(Some(quote! {
        #path { threads: #threads, min_len: #min_len, chunk: #chunk, schedule: #schedule }
    }))
}

fn fastmath_tokens(granted: FastMath) -> TokenStream {
    let path = quote!(::hotloop::__private::FastMath);
    if granted == FastMath::STRICT {
        return quote!(#path::STRICT);
    }
    if granted == FastMath::ALGEBRAIC {
        return quote!(#path::ALGEBRAIC);
    }
    let FastMath {
        reassoc,
        contract,
        nsz,
        arcp,
        afn,
        nnan,
        ninf,
    } = granted;
    quote! {
        #path {
            reassoc: #reassoc, contract: #contract, nsz: #nsz, arcp: #arcp, afn: #afn, nnan: #nnan, ninf: #ninf,
        }
    }
}
