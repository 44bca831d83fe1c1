//! ndarray's types, by their names: the macro and lowering have to agree on which parameters are arrays.

/// What a parameter of one of ndarray's types is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrayName {
    /// The number of dimensions; `None` for those whose number only values have, and for what the type's second argument says.
    pub n_dims: Option<usize>,
    /// Who owns the elements.
    pub kind: ArrayKind,
}

/// Who owns the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayKind {
    /// `Array2`, or `ArrayRef2`: a parameter is a reference to it, which says whether elements may be stored.
    Owned,
    /// `ArrayView2`.
    View,
    /// `ArrayViewMut2`.
    ViewMut,
}

/// The most dimensions that an array may have.
pub const MAX_DIMS: usize = 4;

impl ArrayName {
    /// What a type of this name is, if it is one of ndarray's.
    pub fn from_name(name: &str) -> Option<ArrayName> {
        let (kind, rest) = if let Some(rest) = name.strip_prefix("ArrayViewMut") {
            (ArrayKind::ViewMut, rest)
        } else if let Some(rest) = name.strip_prefix("ArrayView") {
            (ArrayKind::View, rest)
        } else if let Some(rest) = name.strip_prefix("ArrayRef") {
            (ArrayKind::Owned, rest)
        } else {
            (ArrayKind::Owned, name.strip_prefix("Array")?)
        };
        let n_dims = match rest {
            // `Array<f64, Ix2>`.
            "" => None,
            _ => Some(Self::digit(rest)?),
        };
        Some(ArrayName { n_dims, kind })
    }

    /// Why parameters of a type of this name, which is one of ndarray's with arguments, are not captured; `None`: it is no such name.
    pub fn refusal(name: &str) -> Option<&'static str> {
        match name {
            "ArrayD" | "ArrayViewD" | "ArrayViewMutD" | "ArrayRefD" => {
                Some("arrays whose number of dimensions only values have")
            }
            "Array5" | "Array6" | "ArrayView5" | "ArrayView6" | "ArrayViewMut5"
            | "ArrayViewMut6" => Some("arrays of more than four dimensions"),
            "ArrayBase" => Some("arrays of any storage"),
            "ArcArray" | "ArcArray1" | "ArcArray2" | "CowArray" => Some("arrays that are shared"),
            _ => None,
        }
    }

    /// The number of dimensions that `Ix2` and the like say.
    pub fn dims_of(name: &str) -> Option<usize> {
        Self::digit(name.strip_prefix("Ix")?)
    }

    fn digit(text: &str) -> Option<usize> {
        let number = text.parse().ok()?;
        (1..=MAX_DIMS).contains(&number).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ndarray_are_recognized() {
        let of = |name| ArrayName::from_name(name).map(|array| (array.n_dims, array.kind));
        assert_eq!(of("Array2"), Some((Some(2), ArrayKind::Owned)));
        assert_eq!(of("ArrayRef1"), Some((Some(1), ArrayKind::Owned)));
        assert_eq!(of("ArrayView4"), Some((Some(4), ArrayKind::View)));
        assert_eq!(of("ArrayViewMut"), Some((None, ArrayKind::ViewMut)));
        for other in ["ArrayD", "Array0", "Array5", "Arrays", "ArrayViewD", "Vec"] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(ArrayName::dims_of("Ix3"), Some(3));
        assert!(ArrayName::refusal("ArrayViewD").is_some());
        assert_eq!(ArrayName::refusal("Array2"), None);
        assert_eq!(ArrayName::dims_of("IxDyn"), None);
    }
}
