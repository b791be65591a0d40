package rs.jetstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class CallDemoTest {
  @Test
  void percentileIsTheSmallestValueThatSoManyAreNotAbove() {
    long[] hundred = LongStream.rangeClosed(1, 100).toArray();
    assertThat(CallDemo.percentile(hundred, 50)).isEqualTo(50);
    assertThat(CallDemo.percentile(hundred, 99)).isEqualTo(99);
    assertThat(CallDemo.percentile(new long[] {7}, 99)).isEqualTo(7);
    assertThat(CallDemo.percentile(new long[] {1, 2, 3}, 50)).isEqualTo(2);
  }
}
