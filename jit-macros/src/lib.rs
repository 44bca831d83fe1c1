//! The `#[jit]` attribute. Use it through the facade `hotloop`, which documents the language that it accepts.

mod attributes;
mod cfg;
mod derive;
mod describe;
mod expand;
mod features;
mod options;
mod parallel;
mod profile;

use hotloop_ir::frontend::{Diagnostic, capture_function, capture_method};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{ItemFn, ItemImpl};

use expand::{Input, Method};
use options::Problem;

/// Compiles a numeric function at run time, for the machine it runs on and the types it is called with.
///
/// The function stays what it is, an ordinary Rust function with the same signature. Its first call compiles it; where that
/// is not possible, calls run the body that rustc compiled. A type of the same name holds the tools: for a function `dot`,
/// `dot::plain(..)` is rustc's version, `dot::compile()` compiles now, `dot::report()` says what became of the loops and why,
/// `dot::specializations()`, `dot::ir()`, `dot::llvm_ir()` and `dot::asm()` show it.
///
/// What cannot be compiled is a compile error at the token that stands in the way.
///
/// # Options
///
/// - `fastmath`: float operations may be regrouped, fused and approximated, and the sign of zero may change; nothing that could
///   be undefined behaviour. `fastmath(reassoc, contract, nsz, arcp, afn)` grants only what is listed.
///   `fastmath(unsafe(nnan, ninf))` lets the compiler assume that no value is NaN or infinite.
///   `is_nan()` and the like in the body are warned about then, as uses of something deprecated.
/// - `require(vectorized)`: every innermost loop of the function is vectorized; `require(no_checks)`: no loop of it makes checks that could
///   panic; `require(no_host_calls)`: nothing is called that is not compiled. Where the compiled code is not so, calls panic with the
///   reason, and `dot::compile()` returns it. Where there is no LLVM, rustc's version runs, as ever.
/// - `cache`: the code is kept on disk, and the next process loads it without compiling and without LLVM.
/// - `host(path, ..)`: functions that are called as they are, through a trampoline. What is not jitted is called so by itself.
/// - `skip`, on a method of a jitted `impl`: it is left to rustc, and called as what is not jitted.
/// - `parallel`: loops run on the threads of the current rayon pool, where that is proved to be right and there is enough to do; results do not
///   depend on the number of threads. `parallel(threads = n)` uses `n` of them at most, `min_len = n` leaves loops with fewer iterations alone,
///   `chunk = n` says how many iterations are one piece of work, and `schedule = static`, `dynamic` or `guided` how the pieces are made.
///   `require(parallel)`: the function's outermost loops and those that `hotloop::prange` and `par` ask for run so, or calls panic with the reason.
#[proc_macro_attribute]
pub fn jit(
    attribute: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let item = TokenStream::from(item);
    expand_attribute(attribute.into(), &item)
        .unwrap_or_else(|errors| {
            // The function as it was, so that the rest of the crate is not short of it.
            let item = without_skips(&item);
            quote!(#(#errors)* #item)
        })
        .into()
}

/// Lets jitted functions use a type: a struct or an enum. rustc's layout is what compiled code uses, so that no `repr` is needed, but for an
/// enum whose variants have fields: only with `#[repr(u8)]` (or another integer) or `#[repr(C)]` is it known where they are.
#[proc_macro_derive(JitType)]
pub fn derive_jit_type(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let result = syn::parse::<syn::DeriveInput>(item)
        .map_err(|error| vec![error.to_compile_error()])
        .and_then(|input| derive::expand(&input).map_err(to_errors));
    result.unwrap_or_else(|errors| quote!(#(#errors)*)).into()
}

/// The tools of a method of a `#[jit] impl`, which a function has by its own name: `hotloop::tools!(Particle::step).report()`, `.compile()`,
/// `.specializations()`, `.declined()`, `.stats()`, `.ir()`, `.llvm_ir()`, `.asm()`. Of a generic type `tools!(Point::<f64>::norm)`.
///
/// Methods of an `impl` of a trait and operators have none.
#[proc_macro]
pub fn tools(path: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::tools_of_path(path.into())
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

fn to_errors(problems: Vec<Problem>) -> Vec<TokenStream> {
    problems.iter().map(Problem::to_compile_error).collect()
}

/// The expansion, or every error as `compile_error!`.
fn expand_attribute(
    attribute: TokenStream,
    item: &TokenStream,
) -> Result<TokenStream, Vec<TokenStream>> {
    if let Ok(parsed) = parse_item(item)
        && let Some(split) = cfg::split(&attribute, &parsed)
    {
        return Ok(split);
    }
    let options = options::parse(attribute).map_err(to_errors);
    if let (Ok(options), Ok(Item::Fn(item))) = (&options, parse_item(item))
        && let Some(reason) = expand::reason(&item.sig, None)
    {
        return expand::expand_left(&item, &reason, options).map_err(to_errors);
    }
    let hosts = options.as_ref().map_or(&[][..], |options| &options.hosts);
    // Of what takes an iterator nothing but rustc's body would run in most programs: then it may as well run in all.
    if let (Ok(options), Ok(Item::Fn(item))) = (&options, parse_item(item))
        && expand::takes_iterator(&item.sig)
        && let Err(diagnostics) = capture_function(&item, hosts)
    {
        let reason = first_message(&diagnostics);
        return expand::expand_left(&item, &reason, options).map_err(to_errors);
    }
    let expansion = parse_item(item).map_err(|problem| to_errors(vec![problem]));
    let expansion = expansion.and_then(|item| match item {
        Item::Fn(item) => {
            let function = captured(*item.clone(), hosts, None)?;
            Ok((Item::Fn(item), vec![Some(function)]))
        }
        Item::Impl(mut item) => {
            let methods = captured_methods(&mut item, hosts)?;
            Ok((Item::Impl(item), methods))
        }
        Item::Trait(item) => {
            let mut as_impl =
                expand::as_impl(&item, &is_skip).map_err(|problem| to_errors(vec![problem]))?;
            let methods = captured_methods(&mut as_impl, hosts)?;
            Ok((Item::Trait(item), methods))
        }
    });
    let (options, (item, captured)) = match (options, expansion) {
        (Ok(options), Ok(expansion)) => (options, expansion),
        (options, expansion) => {
            let mut errors = options.err().unwrap_or_default();
            errors.extend(expansion.err().unwrap_or_default());
            return Err(errors);
        }
    };
    let profile = profile::Profile::of_this_compilation();
    let problems: Vec<_> = (captured.iter().flatten())
        .flat_map(|function| parallel::check(&function.captured, &options, &profile))
        .collect();
    if !problems.is_empty() {
        return Err(to_errors(problems));
    }
    match (item, captured.as_slice()) {
        (Item::Impl(item), methods) => expand::expand_impl(&item, methods, &options, &profile),
        (Item::Trait(item), methods) => match expand::as_impl(&item, &is_skip) {
            Ok(as_impl) => {
                expand::expand_trait(&item, &as_impl, methods, &options, &profile, &is_skip)
            }
            Err(problem) => Err(vec![problem]),
        },
        (Item::Fn(_), [Some(function)]) => {
            let Method {
                item,
                captured,
                bytes,
            } = function;
            expand::expand(&Input::new(item, captured, bytes, &options, &profile))
        }
        (Item::Fn(_), _) => Ok(TokenStream::new()),
    }
    .map_err(to_errors)
}

/// Leaves a method to rustc, and makes its calls say why.
fn leave(method: &mut syn::ImplItemFn, reason: &str) {
    let prologue = expand::left_prologue(&method.sig.ident, reason);
    let stmts = &mut method.block.stmts;
    stmts.insert(0, syn::Stmt::Expr(syn::Expr::Verbatim(prologue), None));
}

fn first_message(diagnostics: &[Diagnostic]) -> String {
    let first = diagnostics.first();
    first.map_or_else(String::new, |first| first.message.clone())
}

/// Captures a function; with its `impl`, a method.
fn captured(
    item: ItemFn,
    hosts: &[syn::Path],
    header: Option<&ItemImpl>,
) -> Result<Method, Vec<TokenStream>> {
    let problems = features::check(&item.sig, cfg!(feature = "ndarray"));
    if !problems.is_empty() {
        return Err(to_errors(problems));
    }
    let captured = match header {
        None => capture_function(&item, hosts),
        Some(header) => capture_method(&item, hosts, &header.generics, &header.self_ty),
    };
    let captured = captured.map_err(|mut diagnostics| -> Vec<_> {
        if header.is_some() {
            for diagnostic in &mut diagnostics {
                let help = &mut diagnostic.help;
                help.push_str("; or leave the method to rustc by `#[jit(skip)]`");
            }
        }
        (diagnostics.iter())
            .map(Diagnostic::to_compile_error)
            .collect()
    })?;
    let bytes = hotloop_ir::hir::encode(&captured.function).map_err(|error| {
        to_errors(vec![Problem::new(
            item.sig.ident.span(),
            format!("this is a bug in hotloop: the captured function: {error}"),
            "please report it, and remove `#[jit]` for now",
        )])
    })?;
    Ok(Method {
        item,
        captured,
        bytes,
    })
}

/// Captures all functions of an `impl` but for those that have `#[jit(skip)]`, from which it takes that away.
fn captured_methods(
    item: &mut ItemImpl,
    hosts: &[syn::Path],
) -> Result<Vec<Option<Method>>, Vec<TokenStream>> {
    let mut errors = to_errors(expand::check_impl(item));
    let mut methods = Vec::new();
    let mut items = std::mem::take(&mut item.items);
    for item_fn in &mut items {
        let syn::ImplItem::Fn(item_fn) = item_fn else {
            continue;
        };
        let n_attrs = item_fn.attrs.len();
        item_fn.attrs.retain(|attribute| !is_skip(attribute));
        if item_fn.attrs.len() < n_attrs {
            methods.push(None);
            continue;
        }
        if let Err(problem) = check_attributes(&item_fn.attrs) {
            errors.extend(to_errors(vec![problem]));
            continue;
        }
        if let Some(reason) = expand::reason(&item_fn.sig, Some(&item.generics)) {
            leave(item_fn, &reason);
            methods.push(None);
            continue;
        }
        let mut method = ItemFn {
            attrs: item_fn.attrs.clone(),
            vis: item_fn.vis.clone(),
            modifiers: item_fn.modifiers.clone(),
            sig: item_fn.sig.clone(),
            block: Box::new(item_fn.block.clone()),
        };
        expand::spell_self(item, &mut method);
        expand::spell_receiver(item, &mut method);
        if expand::takes_iterator(&item_fn.sig)
            && let Err(diagnostics) = capture_method(&method, hosts, &item.generics, &item.self_ty)
        {
            leave(item_fn, &first_message(&diagnostics));
            methods.push(None);
            continue;
        }
        match captured(method, hosts, Some(item)) {
            Ok(method) => methods.push(Some(method)),
            Err(mut found) => errors.append(&mut found),
        }
    }
    item.items = items;
    if errors.is_empty() {
        Ok(methods)
    } else {
        Err(errors)
    }
}

/// What the attribute may stand on.
#[derive(Clone)]
enum Item {
    Fn(Box<ItemFn>),
    Impl(Box<ItemImpl>),
    Trait(Box<syn::ItemTrait>),
}

fn parse_item(item: &TokenStream) -> Result<Item, Problem> {
    if let Ok(item) = syn::parse2::<ItemImpl>(item.clone()) {
        check_attributes(&item.attrs)?;
        return Ok(Item::Impl(Box::new(item)));
    }
    if let Ok(item) = syn::parse2::<syn::ItemTrait>(item.clone()) {
        check_attributes(&item.attrs)?;
        return Ok(Item::Trait(Box::new(item)));
    }
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        let without_body = syn::parse2::<syn::TraitItemFn>(item.clone()).is_ok();
        let (message, help) = if without_body {
            (
                "`#[jit]` needs a function with a body",
                "put it on a free function or on an `impl`",
            )
        } else {
            (
                "`#[jit]` is for functions",
                "put it on a free function or on an `impl`",
            )
        };
        return Err(Problem::new(Span::call_site(), message, help));
    };
    check_attributes(&function.attrs)?;
    if let Some(receiver) = function.sig.receiver() {
        return Err(Problem::new(
            receiver.self_token.span,
            "`#[jit]` on a method",
            "put `#[jit]` on the `impl`, whose functions are all jitted then",
        ));
    }
    Ok(Item::Fn(Box::new(function)))
}

/// The item, if it is an `impl` without `#[jit(skip)]` in it.
fn without_skips(item: &TokenStream) -> TokenStream {
    if let Ok(mut parsed) = syn::parse2::<syn::ItemTrait>(item.clone()) {
        for function in &mut parsed.items {
            if let syn::TraitItem::Fn(function) = function {
                function.attrs.retain(|attribute| !is_skip(attribute));
            }
        }
        return quote::ToTokens::into_token_stream(parsed);
    }
    let Ok(mut parsed) = syn::parse2::<ItemImpl>(item.clone()) else {
        return item.clone();
    };
    for item_fn in &mut parsed.items {
        if let syn::ImplItem::Fn(item_fn) = item_fn {
            item_fn.attrs.retain(|attribute| !is_skip(attribute));
        }
    }
    quote::ToTokens::into_token_stream(parsed)
}

/// Whether this is `#[jit(skip)]`, which leaves a method of a jitted `impl` to rustc.
fn is_skip(attribute: &syn::Attribute) -> bool {
    let is_jit = (attribute.path().segments.last()).is_some_and(|last| last.ident == "jit");
    match &attribute.meta {
        syn::Meta::List(list) => is_jit && list.tokens.to_string() == "skip",
        _ => false,
    }
}

fn check_attributes(attributes: &[syn::Attribute]) -> Result<(), Problem> {
    let is_jit = |attribute: &&syn::Attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|last| last.ident == "jit")
    };
    match attributes.iter().find(is_jit) {
        Some(second) => Err(Problem::new(
            syn::spanned::Spanned::span(second.path()),
            "`#[jit]` is given twice",
            "remove one",
        )),
        None => Ok(()),
    }
}
