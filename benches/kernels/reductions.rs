//! One pass over one or two arrays, one number out.

kernels! {
    /// The sum of `x`, in order.
    fn sum_f64(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += x[i];
        }
        sum
    }

    /// The sum of `x`, in order and in single precision.
    fn sum_f32(x: &[f32]) -> f32 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += x[i];
        }
        sum
    }

    /// The inner product of `x` and `y`, of one length.
    fn dot_f64(x: &[f64], y: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += x[i] * y[i];
        }
        sum
    }

    /// The inner product of `x` and `y`, of one length, in single precision.
    fn dot_f32(x: &[f32], y: &[f32]) -> f32 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += x[i] * y[i];
        }
        sum
    }

    /// The sum of the elements above `threshold`.
    fn where_sum(x: &[f64], threshold: f64) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            if x[i] > threshold {
                sum += x[i];
            }
        }
        sum
    }
}
