//! The shape of the expansion. What it does is tested from outside, in `tests/lang`.

use hotloop_ir::{Arena, Block, Handle, Local, ScalarTy, Span as IrSpan, TypeParam};
use syn::parse_quote;

use super::*;

/// A function with these parameters and nothing in it: the expansion looks at types only.
fn function(type_params: &[&str], params: &[(&str, Ty)], result: Ty) -> Function {
    let mut locals = Arena::new();
    let params = params
        .iter()
        .map(|(name, ty)| {
            locals.push(Local {
                name: (*name).to_owned(),
                ty: ty.clone(),
                mutable: false,
                span: IrSpan::UNKNOWN,
            })
        })
        .collect::<Vec<Handle<Local>>>();
    Function {
        name: "f".to_owned(),
        module: String::new(),
        file: String::new(),
        type_params: type_params
            .iter()
            .map(|name| TypeParam {
                name: (*name).to_owned(),
            })
            .collect(),
        params,
        result,
        locals,
        exprs: Arena::new(),
        expr_spans: Vec::new(),
        sites: Arena::new(),
        body: Block::default(),
        fastmath: FastMath::STRICT,
    }
}

fn slice(elem: Ty, mutable: bool) -> Ty {
    Ty::Slice {
        elem: Box::new(elem),
        mutable,
    }
}

/// The expansion, formatted; the bytes of the IR are left out, they change with the schema.
fn expansion(
    item: &ItemFn,
    function: &Function,
    replays: &[TokenStream],
    fastmath: FastMath,
    coverage: bool,
) -> String {
    let relied_on: &[_] = match function.type_params.is_empty() {
        true => &[],
        false => &[(0, quote::quote!(float::Float))],
    };
    let options = JitOptions {
        fastmath: Some(fastmath),
    };
    let tokens = expand(&Input {
        item,
        retained: item,
        function,
        replays: replays.iter().collect(),
        relied_on,
        options: &options,
        profile: &Profile {
            coverage,
            ..Profile::default()
        },
    })
    .unwrap();
    let text = prettyplease::unparse(&syn::parse2(tokens).unwrap());
    let bytes = Literal::byte_string(&hotloop_ir::encode(function).unwrap()).to_string();
    assert!(text.contains(&bytes));
    text.replace(&bytes, "IR")
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
    let f64 = || Ty::Scalar(ScalarTy::F64);
    let function = function(
        &[],
        &[
            ("a", f64()),
            ("x", slice(f64(), false)),
            ("n", Ty::USIZE),
            ("y", slice(f64(), true)),
        ],
        Ty::Unit,
    );
    let replays = [quote!(replay_0();), quote!(replay_1();)];
    let text = expansion(&item, &function, &replays, FastMath::ALGEBRAIC, false);
    insta::assert_snapshot!(text);
}

#[test]
fn a_generic_function() {
    let item = parse_quote! {
        #[must_use]
        #[track_caller]
        fn range<'a, T: Float + 'a, N>(data: &'a [T], n: N) -> (T, (N, bool))
        where
            N: Zero,
        {
            body()
        }
    };
    let function = function(
        &["T", "N"],
        &[("data", slice(Ty::Param(0), false)), ("n", Ty::Param(1))],
        Ty::Tuple(vec![Ty::Param(0), Ty::Tuple(vec![Ty::Param(1), Ty::BOOL])]),
    );
    let fastmath = FastMath {
        contract: true,
        ..FastMath::STRICT
    };
    let text = expansion(&item, &function, &[], fastmath, true);
    insta::assert_snapshot!(text);
}

fn problems(item: &ItemFn) -> Vec<String> {
    let result = expand(&Input {
        item,
        retained: item,
        function: &function(&[], &[], Ty::Unit),
        replays: Vec::new(),
        relied_on: &[],
        options: &JitOptions::default(),
        profile: &Profile::default(),
    });
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
}
