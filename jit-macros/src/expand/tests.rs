//! The shape of the expansion. What it does is tested from outside, in `tests/lang`.

use hotloop_ir::frontend::{capture, capture_method};
use hotloop_ir::{FastMath, hir};
use proc_macro2::Literal;
use syn::parse_quote;

use super::*;

/// The tokens, formatted; the bytes of what was captured are left out, they change with the schema.
fn text(tokens: TokenStream, bytes: &[u8]) -> String {
    let text = prettyplease::unparse(&syn::parse2(tokens).unwrap());
    let bytes = Literal::byte_string(bytes).to_string();
    assert!(text.contains(&bytes));
    text.replace(&bytes, "HIR")
}

fn expansion(item: &ItemFn, fastmath: FastMath, coverage: bool) -> String {
    let captured = capture(item).unwrap();
    let bytes = hir::encode(&captured.function).unwrap();
    let options = JitOptions {
        fastmath: Some(fastmath),
        ..JitOptions::default()
    };
    let profile = Profile {
        coverage,
        ..Profile::default()
    };
    let tokens = expand(&Input::new(item, &captured, &bytes, &options, &profile)).unwrap();
    text(tokens, &bytes)
}

#[test]
fn a_concrete_function() {
    let item = parse_quote! {
        /// `y = a x + y`.
        #[inline]
        #[expect(clippy::needless_range_loop)]
        #[cfg(unix)]
        pub(crate) fn axpy(a: f64, x: &[f64], mut n: usize, y: &mut [f64]) {
            while n > 0 {
                n -= 1;
                y[n] += a * x[n];
            }
        }
    };
    insta::assert_snapshot!(expansion(&item, FastMath::ALGEBRAIC, false));
}

#[test]
fn a_generic_function() {
    let item = parse_quote! {
        #[must_use]
        #[track_caller]
        fn range<'a, T: Float + 'a, N>(data: &'a [T], n: N) -> (T, (N, bool))
        where
            N: Zero + Copy,
        {
            assert!(data.len() > 7, "too short");
            (data[0], (n, true))
        }
    };
    let fastmath = FastMath {
        contract: true,
        ..FastMath::STRICT
    };
    insta::assert_snapshot!(expansion(&item, fastmath, true));
}

#[test]
fn an_impl() {
    let item: syn::ItemImpl = parse_quote! {
        impl<T: Float> Kernel<T> {
            /// The first one.
            pub fn first<U: Copy>(data: &[T], other: U) -> (T, U) {
                (data[0].abs(), other)
            }
        }
    };
    let syn::ImplItem::Fn(function) = &item.items[0] else {
        panic!("not a function")
    };
    let function = ItemFn {
        attrs: function.attrs.clone(),
        vis: function.vis.clone(),
        modifiers: function.modifiers.clone(),
        sig: function.sig.clone(),
        block: Box::new(function.block.clone()),
    };
    let captured = capture_method(&function, &[], &item.generics, &item.self_ty).unwrap();
    let bytes = hir::encode(&captured.function).unwrap();
    let method = Method {
        item: function,
        captured,
        bytes: bytes.clone(),
    };
    let (options, profile) = (JitOptions::default(), Profile::default());
    let tokens = expand_impl(&item, &[Some(method)], &options, &profile).unwrap();
    insta::assert_snapshot!(text(tokens, &bytes));
}

/// What is passed, and how the result is put together, for types of every kind. Capture is not asked.
#[test]
fn the_calling_convention() {
    let show = |signature: &str| {
        let signature: syn::Signature = syn::parse_str(signature).unwrap();
        let generics = Generics::of(&signature.generics);
        let mut args = Args::default();
        for (param, name) in signature.inputs.iter().zip(params_of(&signature)) {
            args.push_param(&name, param, &generics);
        }
        let Results { leaves, value } = Results::of(&signature.output, &generics);
        let lines = |tokens: &[TokenStream]| -> String {
            tokens.iter().map(|line| format!("  {line}\n")).collect()
        };
        format!(
            "{}\n before {}\n args\n{} results\n{} value {value}{}\n",
            signature.to_token_stream(),
            args.before,
            lines(&args.args),
            lines(&leaves),
            if args.impossible { "\n impossible" } else { "" },
        )
    };
    let signatures = [
        "fn scalars<T>(a: f64, b: bool, t: T)",
        "fn references<T>(a: &f64, b: &mut Point<T>, c: &[[f64; 3]], d: &mut [T])",
        "fn tuples(a: (f64, (u8, &mut [f64]), ()), b: ())",
        "fn options<T>(a: Option<f64>, b: std::option::Option<T>, c: Option<Point>)",
        "fn copies(a: Point, b: [f64; 3], c: Alias, (x, y): (f64, f64))",
        "fn receivers(&mut self, by: Self)",
        "fn owned(self) -> Self",
        "fn closures<F>(f: F, g: impl Fn(f64)) where F: Fn(f64) -> f64",
        "fn maybe<T>(a: Option<&T>, b: Option<&mut [f64]>, c: Option<(u8, Option<&mut f64>)>)",
        "fn either(a: Result<(f64, Point), ()>, b: Result<Option<u8>, &[f64]>)",
        "fn not_passed(a: Option<impl Fn(f64)>, b: Result<f64, &str>)",
        "fn results<T, E>() -> (T, Option<(f64, Point)>, Result<(), E>, ())",
    ];
    let text: String = signatures.iter().map(|signature| show(signature)).collect();
    insta::assert_snapshot!(text);
}

fn problems(item: &ItemFn) -> Vec<String> {
    let captured = capture(&parse_quote!(
        fn f() {}
    ))
    .unwrap();
    let (options, profile) = (JitOptions::default(), Profile::default());
    let result = expand(&Input::new(item, &captured, b"", &options, &profile));
    let problems = result.err().unwrap_or_default();
    problems
        .into_iter()
        .map(|problem| problem.message)
        .collect()
}

#[test]
fn what_cannot_be_expanded_is_refused() {
    assert_eq!(
        problems(&parse_quote!(
            fn f<A, B, C, D, E, F, G, H, I>() {}
        )),
        ["more than 8 type parameters"]
    );
    assert_eq!(
        problems(&parse_quote!(
            fn f64() {}
        )),
        ["a jitted function cannot be named `f64`"]
    );
    let of_impl = |item: syn::ItemImpl| -> Vec<String> {
        let problems = check_impl(&item).into_iter();
        problems.map(|problem| problem.message).collect()
    };
    assert_eq!(
        of_impl(parse_quote!(
            impl<T> Add<Point> for Point {}
        )),
        ["the type parameter `T` is no part of the type"]
    );
    assert!(
        of_impl(parse_quote!(
            impl<T> Trait<T> for Point {}
        ))
        .is_empty()
    );
    assert!(of_impl(parse_quote!(impl Trait for f64 {})).is_empty());
    assert!(
        of_impl(parse_quote!(
            impl<T> Trait<T> for Point<T> {}
        ))
        .is_empty()
    );
}
