package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a hostile peer may try on a lane, and the tests that show what comes of it. */
final class HostileInputTest {
  @ParameterizedTest(name = "{0}: {1}.{2}")
  @CsvSource({
    "a size that is none, rpc.BadFramesTest, aSizeOutOfItsRangeEndsTheLaneAndNoOther",
    "sizes that nothing follows, rpc.BadFramesTest,"
        + " aHundredPromisesOfThirtyTwoMebibytesCostNothing",
    "a size next to the limit, rpc.FrameLimitsTest, aServerTakesItsLimitAndNoMore",
    "a size next to what was agreed, rpc.FrameLimitsTest, aServerTakesWhatWasAgreedAndNoMore",
    "a frame that is never finished, rpc.SlowSendersTest, aTrickleDoesNotLengthenTheTime",
    "a request inside a request, rpc.SmuggledRequestTest, theEmbeddedRequestNeverRuns",
    "a text past its frame, rpc.SmuggledRequestTest,"
        + " aTextThatReachesPastItsFrameDoesNotTakeTheNextOne",
    "a request of unknown type, rpc.HandlersTest, everyTypeOfRequestThatIsNoneIsRefused",
    "a request under a tag in use, rpc.BadFramesTest, aRequestUnderATagThatIsInUseEndsTheLane",
    "an answer of unknown type, rpc.OddServersTest, anUnknownTypeFailsTheLane",
    "an answer to nobody, rpc.PendingCallsTest, failWhenTheServerAnswersNobody",
    "an answer to a reserved tag, rpc.OddServersTest, tagZeroFailsTheLane",
    "a second answer, rpc.OddServersTest, aSecondAnswerFailsTheLaneAndNoOtherCall",
    "no tags left, rpc.DeadlinesTest, aLaneWithTooManyTagsLostIsReplaced",
    "more calls than there are tags, rpc.ManyCallsTest,"
        + " everyAnswerIsRightOverSixteenTagsAndSixtyFourThreads",
    "a thousand calls at once, rpc.ManyCallsTest, everyAnswerIsRightWithAThousandCallsAtOnce",
    "deep nesting, wire.BoundsTest, nestingIsLimitedWhenRead",
    "collections of nothing, wire.BoundsTest, manyPromisesOfNothingTakeNoTime",
    "keys of one hash code, wire.BoundsTest, membersOfOneHashCodeTakeNoLonger",
    "a handler that throws, rpc.HandlersTest, anExceptionFailsItsCallAlone",
    "a handler without a stack, rpc.HandlersTest, aStackOverflowFailsItsCallAlone",
    "a handler without memory, rpc.HandlersTest, runningOutOfMemoryFailsItsCallAlone",
    "a handler that stays, rpc.HandlersTest, aHandlerThatNeverReturnsIsInterruptedAndItsCallFails",
    "secrets in exceptions, rpc.HandlersTest, theCallerIsToldNothingOfUnexpectedExceptions",
    "handshakes of all kinds, rpc.LaneTranscriptsTest, theLaneEndsAsTheTranscriptSays",
    "a server of another version, rpc.OddServersTest, anotherMajorIsARefusal",
    "half a handshake, rpc.SlowSendersTest, halfAVersionIsNoneOnEitherSide",
    "a flood of calls, rpc.BackpressureTest, noMoreCallsRunAtOnceThanMay",
    "answers that nobody reads, rpc.BackpressureTest, answersThatNobodyReadsAreNotMadeWithoutEnd",
    "a limit that means none, rpc.LimitsTest, valuesOutOfRangeAreRefusedByName"
  })
  void everyAttemptHasATest(String attempt, String type, String name) throws Exception {
    assertThat(Arrays.stream(Class.forName("rs.jetstream." + type).getDeclaredMethods()))
        .as(attempt)
        .anySatisfy(method -> {
          assertThat(method.getName()).isEqualTo(name);
          assertThat(method.getAnnotations()).isNotEmpty();
        });
  }
}
