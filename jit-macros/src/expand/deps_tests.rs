//! What rustc is asked.

use hotloop_ir::ScalarTy;
use hotloop_ir::frontend::{ArrayLen, ExternKind, ExternUse, NodeTable, Witness};
use syn::parse_quote;

use super::deps::Asker;
use super::*;

#[test]
fn every_question() {
    let mut nodes = NodeTable::default();
    nodes.types.insert(1, parse_quote!(geometry::Point<T>));
    nodes.types.insert(2, parse_quote!([T; 3]));
    nodes.values.insert(3, parse_quote!(consts::WEIGHTS));
    nodes.values.insert(4, parse_quote!(kernels::energy::<T>));
    nodes.values.insert(5, parse_quote!(Point::new));
    nodes
        .values
        .insert(6, parse_quote!(<Point<T> as Shape>::area));
    nodes.values.insert(7, parse_quote!(host::log));
    let call: syn::ExprMethodCall = parse_quote!(p.norm(2.0, |x| x));
    nodes.methods.insert(8, call);
    let args = vec![
        Witness::Param(0),
        Witness::Scalar(ScalarTy::F64),
        Witness::Slice {
            elem: Box::new(Witness::Adt(1)),
            mutable: true,
        },
        Witness::Tuple(vec![Witness::Unit, Witness::Int, Witness::Float]),
        Witness::Array(Box::new(Witness::Const(3)), Some(ArrayLen::Known(2))),
        Witness::Field(
            Box::new(Witness::Index(
                Box::new(Witness::Const(3)),
                Box::new(Witness::Int),
            )),
            "0".into(),
        ),
        Witness::Call(5, vec![Witness::Unknown]),
        Witness::Method(8, Box::new(Witness::Adt(1)), vec![]),
    ];
    let kinds = [
        (1, ExternKind::Type),
        (2, ExternKind::Type),
        (3, ExternKind::Const(None)),
        (4, ExternKind::Callee { args, result: None }),
        (
            5,
            ExternKind::Callee {
                args: vec![],
                result: None,
            },
        ),
        (
            6,
            ExternKind::Callee {
                args: vec![],
                result: None,
            },
        ),
        (7, ExternKind::Host),
        (
            8,
            ExternKind::Method {
                receiver: Witness::Ref {
                    to: Box::new(Witness::Adt(1)),
                    mutable: false,
                },
                args: vec![
                    Witness::Float,
                    Witness::Closure(1, Box::new(Witness::Unknown)),
                ],
            },
        ),
    ];
    let uses: Vec<_> = (kinds.into_iter())
        .map(|(node, kind)| ExternUse { node, kind })
        .collect();
    let asker = Asker {
        nodes: &nodes,
        params: &[parse_quote!(T)],
        edition_2015: false,
        output: &syn::ReturnType::Default,
        of_params: Vec::new(),
        declared: Vec::new(),
        leaving: Vec::new(),
        shared: Vec::new(),
    };
    let statements = asker.statements(&uses);
    let file = quote!(fn deps() { #statements });
    insta::assert_snapshot!(prettyplease::unparse(&syn::parse2(file).unwrap()));
}
