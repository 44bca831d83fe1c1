//! Types of other crates that a feature of hotloop is needed for.

use hotloop_ir::arrays::ArrayName;
use syn::{GenericArgument, PathArguments, Type};

use crate::options::Problem;

/// An array or view of ndarray, as a parameter's type names it.
#[derive(Debug)]
pub(crate) struct ArrayType<'a> {
    pub(crate) name: &'a syn::Ident,
    pub(crate) kind: hotloop_ir::arrays::ArrayKind,
    pub(crate) elem: &'a Type,
    pub(crate) n_dims: usize,
}

/// The array that a type names, by its name and arguments.
pub(crate) fn array_type(ty: &Type) -> Option<ArrayType<'_>> {
    let path = match ty {
        Type::Paren(ty) => return array_type(&ty.elem),
        Type::Group(ty) => return array_type(&ty.elem),
        Type::Path(path) => path,
        _ => return None,
    };
    let last = path.path.segments.last()?;
    let name = ArrayName::from_name(&last.ident.to_string())?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    let elem = types.next()?;
    let n_dims = match name.n_dims {
        Some(n_dims) => n_dims,
        None => match types.next()? {
            Type::Path(dim) => ArrayName::dims_of(&dim.path.segments.last()?.ident.to_string())?,
            _ => return None,
        },
    };
    Some(ArrayType {
        name: &last.ident,
        kind: name.kind,
        elem,
        n_dims,
    })
}

/// The arrays among the types of parameters.
fn arrays(signature: &syn::Signature) -> impl Iterator<Item = ArrayType<'_>> {
    (signature.inputs.iter()).filter_map(|input| match input {
        syn::FnArg::Typed(param) => match &*param.ty {
            Type::Reference(reference) => array_type(&reference.elem),
            ty => array_type(ty),
        },
        syn::FnArg::Receiver(_) => None,
    })
}

/// Whether a parameter is an array.
pub(crate) fn has_arrays(signature: &syn::Signature) -> bool {
    arrays(signature).next().is_some()
}

/// Problems of parameters whose types need a feature that is off.
pub(crate) fn check(signature: &syn::Signature, has_ndarray: bool) -> Vec<Problem> {
    arrays(signature)
        .filter(|_| !has_ndarray)
        .map(|array| {
            Problem::new(
                array.name.span(),
                format!("`{}` needs the feature `ndarray` of hotloop", array.name),
                "write `features = [\"ndarray\"]` at the dependency `hotloop` in Cargo.toml",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_need_a_feature() {
        let signature: syn::Signature = syn::parse_quote!(
            fn f(a: ArrayView2<'_, f64>, b: &mut ndarray::Array<T, Ix3>, c: &Array, d: ArrayD<f64>)
        );
        let problems: Vec<_> = (check(&signature, false).into_iter())
            .map(|problem| problem.message)
            .collect();
        assert_eq!(
            problems,
            [
                "`ArrayView2` needs the feature `ndarray` of hotloop",
                "`Array` needs the feature `ndarray` of hotloop"
            ]
        );
        assert!(check(&signature, true).is_empty());
    }
}
