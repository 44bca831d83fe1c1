//! Text form.
use crate::func::Function;
use crate::ty::Ty;

/// The type as text, with the function's names of type parameters.
pub(crate) fn ty_text(func: &Function, ty: &Ty) -> String {
    match ty {
        Ty::Unit => "()".into(),
        Ty::Scalar(scalar) => scalar.name().into(),
        Ty::Param(index) => match func.type_params.get(*index as usize) {
            Some(param) => param.name.clone(),
            None => format!("?{index}"),
        },
        Ty::Tuple(elems) => {
            let elems: Vec<_> = elems.iter().map(|elem| ty_text(func, elem)).collect();
            match elems.as_slice() {
                [one] => format!("({one},)"),
                elems => format!("({})", elems.join(", ")),
            }
        }
        Ty::Slice { elem, mutable } => {
            let mutable = if *mutable { "mut " } else { "" };
            format!("&{mutable}[{}]", ty_text(func, elem))
        }
    }
}
