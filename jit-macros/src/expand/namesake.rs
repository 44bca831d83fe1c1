//! A function with the name of the module that contains it, as in `mod floor; pub use self::floor::floor;`.
//!
//! A companion type that the re-export brought along would collide with the module. So it is private, and what callers elsewhere reach
//! through the name of the function is in the module itself, which has that name where the type has not.

use std::path::Path;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{ItemFn, VisRestricted, Visibility};

use super::deps::TWIN;
use super::ours::as_ours;
use super::{Function, tools};

/// Whether the function has the name of its module, as far as a macro can see it: by the name of the file. Inline modules have no files;
/// what is in them, or in a function, is recognized by its indentation.
pub(super) fn is_namesake(item: &ItemFn) -> bool {
    if matches!(item.vis, Visibility::Inherited) {
        return false;
    }
    let span = item.sig.ident.span();
    let columns = [Span::call_site(), item.span()].map(|span| span.start().column);
    has_name_of_file(&item.sig.ident.unraw().to_string(), &span.file()) && columns.contains(&0)
}

fn has_name_of_file(name: &str, file: &str) -> bool {
    let path = Path::new(file);
    let module = match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod") => path
            .parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str()),
        stem => stem,
    };
    module == Some(name)
}

/// The type that twins name instead of the private companion. Its own name is unique, so that `pub use self::floor::*;` beside
/// `pub use self::ceil::*;` is not ambiguous.
pub(super) fn marker_name(function: &str) -> Ident {
    format_ident!("__hotloop_companion_of_{function}")
}

/// What stands in the module:
///
/// ```text
/// pub enum __hotloop_companion_of_floor {}
/// impl __hotloop_companion_of_floor { pub fn __hotloop_instance_of(x: f64) -> Twin<..> { .. } }
/// pub(crate) fn __hotloop_twin_of_floor(x: f64) -> Twin<..> { .. }
/// pub(crate) fn __hotloop_plain_of_floor(x: f64) -> f64 { floor::plain(x) }
/// pub(crate) fn __hotloop_compile_of_floor() -> Result<Specialization, Error> { floor::compile() }
/// pub(crate) fn __hotloop_would_compile_of_floor() -> NextCall { floor::would_compile() }
/// mod __hotloop_tools_of_floor {
///     pub(crate) use super::{__hotloop_twin_of_floor as __hotloop_instance_of, ..};
///     pub(crate) fn ir() -> String { super::floor::ir() }
///     ..
/// }
/// pub(crate) use self::__hotloop_tools_of_floor::*;
/// ```
///
/// The names that are not unique come by a glob, which gives way to the user's items, and are visible in the crate only, so that globs of
/// the user's export none of them twice.
pub(super) fn beside(
    function: &Function,
    item: &ItemFn,
    item_attrs: &[TokenStream],
    trap_attrs: &[TokenStream],
) -> TokenStream {
    let (vis, vis_deeper) = capped(&item.vis);
    let (name, companion, marker) = (&function.name, &function.companion, &function.marker);
    let twin_as = format_ident!("{TWIN}");
    let function_vis = as_ours(item.vis.to_token_stream());
    let associated_twin = function.twin(&function_vis, item, &twin_as);
    let [twin_name, plain_name, compile_name, would_name] =
        ["twin", "plain", "compile", "would_compile"]
            .map(|tool| format_ident!("__hotloop_{tool}_of_{name}"));
    let tools_module = format_ident!("__hotloop_tools_of_{name}");
    let twin = function.twin(&vis, item, &twin_name);

    let mut plain = function.shim_signature(item);
    plain.ident = plain_name.clone();
    let plain = as_ours(plain.to_token_stream());
    let call_plain = function.call_plain(item);
    let compile = tools::compile_signature(&compile_name, function);
    let would_compile = tools::would_compile_signature(&would_name, function);
    let turbofish = &function.instance_turbofish;
    let forwards = tools::UNTYPED.map(|(tool, result)| {
        let (tool, result) = (format_ident!("{tool}"), result());
        quote!(#vis_deeper fn #tool() -> #result { super::#companion::#tool() })
    });
    quote! {
        #(#item_attrs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        pub enum #marker {}
        #(#item_attrs)*
        impl #marker { #associated_twin }
        #(#item_attrs)*
        #twin
        #(#item_attrs)*
        #[doc(hidden)]
        #[allow(clippy::too_many_arguments)]
        #(#trap_attrs)*
        #vis #plain { #call_plain }
        #(#item_attrs)*
        #[doc(hidden)]
        #vis #compile { #companion::compile #turbofish() }
        #(#item_attrs)*
        #[doc(hidden)]
        #vis #would_compile { #companion::would_compile #turbofish() }
        #(#item_attrs)*
        #[doc(hidden)]
        mod #tools_module {
            #vis_deeper use super::{#twin_name as #twin_as, #plain_name as plain, #compile_name as compile, #would_name as would_compile};
            #(#forwards)*
        }
        #(#item_attrs)*
        #[doc(hidden)]
        #[allow(unused_imports)]
        #vis use self::#tools_module::*;
    }
}

/// The visibility, at most that of the crate, and the same from a module inside.
fn capped(vis: &Visibility) -> (TokenStream, TokenStream) {
    match vis {
        Visibility::Public(_) => (quote!(pub(crate)), quote!(pub(crate))),
        Visibility::Inherited => (TokenStream::new(), quote!(pub(super))),
        Visibility::Restricted(VisRestricted { path, .. }) => {
            let ours = as_ours(vis.to_token_stream());
            let path = as_ours(path.to_token_stream());
            let first = path
                .clone()
                .into_iter()
                .next()
                .map(|first| first.to_string());
            let deeper = match first.as_deref() {
                Some("crate") => ours.clone(),
                Some("self") => quote!(pub(super)),
                Some("super") => quote!(pub(in super::#path)),
                _ => ours.clone(),
            };
            (ours, deeper)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_known_by_its_file() {
        assert!(has_name_of_file("floor", "src/math/floor.rs"));
        assert!(has_name_of_file("math", "src/math/mod.rs"));
        assert!(!has_name_of_file("mod", "src/math/mod.rs"));
        assert!(!has_name_of_file("floorf", "src/math/floor.rs"));
        assert!(!has_name_of_file("floor", "src/math.rs"));
        assert!(!has_name_of_file("floor", "<unspecified>"));
    }

    #[test]
    fn visibilities() {
        let show = |vis: &str| {
            let (outer, inner) = capped(&syn::parse_str(vis).unwrap());
            format!("{outer} / {inner}")
        };
        assert_eq!(show("pub"), "pub (crate) / pub (crate)");
        assert_eq!(show("pub(super)"), "pub (super) / pub (in super :: super)");
        assert_eq!(
            show("pub(in crate::a)"),
            "pub (in crate :: a) / pub (in crate :: a)"
        );
        assert_eq!(show("pub(self)"), "pub (self) / pub (super)");
    }
}
