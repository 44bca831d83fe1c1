//! Names that lowering takes for std's and the language's without being told: rustc refuses the function where they are others.
//!
//! A name that two scopes have is ambiguous for an import if the inner one has it from a glob and it is not the same in both. So of
//!
//! ```text
//! {
//!     use ::hotloop::__private::std_names::*;
//!     use assert as __hotloop_0;
//! }
//! ```
//!
//! rustc accepts the second import if `assert!` is std's in the user's code, and refuses it if the user has a macro of this name. The same is done for
//! modules (`mem::swap`) and variants (`Some`). Types of the language are compared as types, constants of them by their values, and what a pattern
//! binds is bound once more, with a type that no constant has.

use hotloop_ir::{Intrinsic, NamedConst, ScalarTy};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::Input;
use super::deps::{imports, scoped_in};
use crate::attributes;

/// Macros that lowering does itself. Those that always panic have to be of the type `!` anyway.
const MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "matches",
    "print",
    "println",
    "eprint",
    "eprintln",
    "dbg",
];

/// Modules of std, and what of them lowering does itself.
const MODULES: &[(&str, &[&str])] = &[
    (
        "mem",
        &["swap", "replace", "take", "drop", "size_of", "align_of"],
    ),
    ("cmp", &["min", "max"]),
    ("array", &["from_fn"]),
    ("convert", &["identity"]),
    (
        "iter",
        &[
            "repeat",
            "repeat_n",
            "repeat_with",
            "once",
            "empty",
            "successors",
            "from_fn",
            "zip",
        ],
    ),
];

/// Traits of num-traits by whose names lowering calls functions of numbers.
const TRAITS: &[&str] = &[
    "Float",
    "FloatConst",
    "Signed",
    "PrimInt",
    "Euclid",
    "Zero",
    "One",
    "Bounded",
    "NumCast",
    "FromPrimitive",
    "ToPrimitive",
    "WrappingAdd",
    "WrappingSub",
    "WrappingMul",
    "WrappingNeg",
    "SaturatingAdd",
    "SaturatingSub",
    "SaturatingMul",
];

/// Functions of num-traits' traits without arguments, but for those that are in two of them.
const FUNCTIONS: &[(&str, &[&str])] = &[
    ("Zero", &["zero"]),
    ("One", &["one"]),
    (
        "Float",
        &[
            "nan",
            "infinity",
            "neg_infinity",
            "neg_zero",
            "epsilon",
            "min_positive_value",
        ],
    ),
];

/// What rustc accepts if all names are what they were taken for.
pub(super) fn checks(input: &Input<'_>) -> TokenStream {
    let mut checks = Checks {
        input,
        statements: Vec::new(),
    };
    checks.gather();
    if checks.statements.is_empty() {
        return TokenStream::new();
    }
    let cfgs = attributes::sort(&input.item.attrs).item;
    let imports = imports(&input.item.block);
    let statements = checks.statements.iter().map(|(_, statement)| statement);
    quote! {
        #(#cfgs)*
        #[allow(
            unused_imports, unused_variables, dead_code, deprecated, non_snake_case, unreachable_code, clippy::all, clippy::pedantic
        )]
        const _: () = {
            #imports
            #(#statements)*
        };
    }
}

struct Checks<'a> {
    input: &'a Input<'a>,
    /// Each with its text, by which those that are the same are known.
    statements: Vec<(String, TokenStream)>,
}

impl Checks<'_> {
    fn gather(&mut self) {
        let nodes = self.input.nodes;
        // In the order of the source.
        let mut macros: Vec<_> = nodes.macros.iter().collect();
        macros.sort_by_key(|(node, _)| **node);
        for (node, mac) in macros {
            if mac.path.is_ident("cfg") {
                // As an import it would be ambiguous with the attribute.
                self.add(
                    *node,
                    quote!(
                        const _: () = ::core::assert!(cfg!(all()) && !cfg!(any()));
                    ),
                );
            }
            if let Some(name) = mac.path.get_ident().filter(|name| is_one_of(name, MACROS)) {
                self.import(*node, name);
            }
        }
        let mut paths: Vec<_> = nodes.paths.iter().collect();
        paths.sort_by_key(|(node, _)| **node);
        for (node, path) in paths {
            self.path(*node, path);
        }
        let mut methods: Vec<_> = nodes.methods.iter().collect();
        methods.sort_by_key(|(node, _)| **node);
        for (node, call) in methods {
            let of = match call.method.to_string().as_str() {
                "into" => "Into",
                "try_into" => "TryInto",
                _ => continue,
            };
            self.import(*node, &Ident::new(of, call.method.span()));
        }
        let mut types: Vec<_> = nodes.types.iter().collect();
        types.sort_by_key(|(node, _)| **node);
        for (node, ty) in types {
            if let syn::Type::Path(ty) = ty
                && ty.qself.is_none()
            {
                self.path(*node, &ty.path);
            }
        }
        self.bindings();
    }

    fn path(&mut self, node: u32, path: &syn::Path) {
        if path.leading_colon.is_some() {
            return;
        }
        let names: Vec<&Ident> = path.segments.iter().map(|segment| &segment.ident).collect();
        let [first, rest @ ..] = names.as_slice() else {
            return;
        };
        if is_language_type(first) {
            return self.language_type(node, first, rest);
        }
        match rest {
            [] if is_one_of(first, &["Some", "None", "Ok", "Err"]) => {
                self.import(node, first);
            }
            [_, ..] if is_one_of(first, &["std", "core"]) => {
                self.import(node, first);
            }
            [last] if is_one_of(first, TRAITS) => {
                let text = last.to_string();
                let is_nullary = |(_, names): &(&str, &[&str])| names.contains(&&*text);
                let converts = text.starts_with("from") || text.starts_with("to_");
                if converts
                    || FUNCTIONS.iter().any(is_nullary)
                    || NamedConst::from_name(&text).is_some()
                    || Intrinsic::from_rust(&text).is_some()
                {
                    self.import(node, first);
                }
            }
            [last]
                if is_one_of(first, &["From", "TryFrom"])
                    && is_one_of(last, &["from", "try_from"]) =>
            {
                self.import(node, first);
            }
            [last] => {
                let is_known =
                    |(module, known): &(&str, &[&str])| *first == module && is_one_of(last, known);
                if MODULES.iter().any(is_known) {
                    self.import(node, first);
                }
            }
            _ => {}
        }
    }

    /// `f64`, `f64::MAX`, `f64::consts::PI`, `f64::sqrt`.
    fn language_type(&mut self, node: u32, ty: &Ident, rest: &[&Ident]) {
        let (std, ty) = (ident_of(ty), at_call(ty));
        let span = ty.span();
        self.add(
            node,
            quote_spanned! { span =>
                const _: ::core::marker::PhantomData<#ty> = ::core::marker::PhantomData::<::core::primitive::#std>;
            },
        );
        let Some(scalar) = ScalarTy::from_name(&std.to_string()) else {
            return;
        };
        let same = |this: &mut Self, path: TokenStream, of_std: TokenStream| {
            this.add(
                node,
                quote_spanned! { span =>
                    const _: () = {
                        const USED: ::core::primitive::#std = #path;
                        const OF_STD: ::core::primitive::#std = #of_std;
                        ::core::assert!(
                            USED == OF_STD || USED != USED && OF_STD != OF_STD,
                            "`#[jit]` takes this for std's by its name",
                        );
                    };
                },
            );
        };
        let number = scalar != ScalarTy::Bool;
        match rest {
            // What has the name of the type may be a module.
            [name] if number => {
                same(
                    self,
                    quote!(#ty::MAX),
                    quote!(<::core::primitive::#std>::MAX),
                );
                let text = name.to_string();
                let name = at_call(name);
                if NamedConst::from_name(&text).is_some() && text.to_uppercase() == text {
                    if text != "MAX" {
                        same(
                            self,
                            quote!(#ty::#name),
                            quote!(<::core::primitive::#std>::#name),
                        );
                    }
                } else if text == "from" || text == "try_from" {
                    let of = if text == "from" { "From" } else { "TryFrom" };
                    self.import(node, &Ident::new(of, span));
                } else if let Some(of) = trait_of(&text) {
                    let of = Ident::new(of, Span::call_site());
                    self.add(
                        node,
                        quote_spanned! { span =>
                            const _: () = {
                                use ::hotloop::__private::num_traits::#of as _;
                                let _ = #ty::#name;
                            };
                        },
                    );
                } else if Intrinsic::from_rust(&text)
                    .is_some_and(|it| it.info().class.contains(scalar))
                {
                    self.add(
                        node,
                        quote_spanned!(span => const _: fn() = || ::hotloop::__private::same_function(#ty::#name, <::core::primitive::#std>::#name);),
                    );
                }
            }
            [consts, name] if *consts == "consts" && scalar.is_float() => {
                let name = at_call(name);
                if NamedConst::from_name(&name.to_string()).is_some() {
                    same(
                        self,
                        quote!(#ty::consts::#name),
                        quote!(::core::#std::consts::#name),
                    );
                }
            }
            _ => {}
        }
    }

    /// A name that is imported beside std's.
    fn import(&mut self, node: u32, name: &Ident) {
        // There, imports begin at the crate's root.
        if self.input.profile.edition_2015 {
            return;
        }
        let (ours, name) = (format_ident!("__hotloop_{}", name.unraw()), at_call(name));
        self.add(
            node,
            quote!({
                use ::hotloop::__private::std_names::*;
                use #name as #ours;
            }),
        );
    }

    /// What patterns bind that may be refuted: a constant would be compared instead.
    fn bindings(&mut self) {
        let nodes = self.input.nodes;
        for (node, name) in &nodes.tested_bindings {
            let name = at_call(name);
            let is_own = nodes.own_constants.contains(&name.unraw().to_string());
            let own = is_own.then(|| quote!(const #name: () = ();));
            self.add(
                *node,
                quote!(const _: () = { #own fn __hotloop_binding(#name: ::hotloop::__private::Binding) {} };),
            );
        }
    }

    fn add(&mut self, node: u32, statement: TokenStream) {
        let statement = scoped_in(self.input.nodes, node, statement);
        let text = statement.to_string();
        if !self.statements.iter().any(|(known, _)| *known == text) {
            self.statements.push((text, statement));
        }
    }
}

/// The trait of num-traits that has a function of numbers.
fn trait_of(function: &str) -> Option<&'static str> {
    let number = function.strip_prefix("from_").and_then(ScalarTy::from_name);
    if number.is_some_and(|number| number != ScalarTy::Bool) {
        return Some("FromPrimitive");
    }
    let of = FUNCTIONS
        .iter()
        .find(|(_, names)| names.contains(&function));
    of.map(|(of, _)| *of)
}

fn is_language_type(name: &Ident) -> bool {
    name == "char" || ScalarTy::from_name(&name.to_string()).is_some()
}

fn is_one_of(name: &Ident, names: &[&str]) -> bool {
    names.iter().any(|known| name == known)
}

/// The name, where the user has it, for something of ours.
fn at_call(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(Span::call_site().located_at(name.span()));
    name
}

fn ident_of(name: &Ident) -> Ident {
    Ident::new(&name.to_string(), Span::call_site())
}
