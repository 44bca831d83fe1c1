use num_traits::Float;

#[hotloop::jit]
#[inline]
pub(crate) fn round<T: Float>(x: T) -> T {
    (x + T::one()).floor()
}
