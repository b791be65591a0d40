package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.List;

/** What was refused so far. All of it is told at once, up to a number that one can read. */
final class Problems {
  static final int MOST = 20;

  /** A name of a million letters is none that anybody reads. */
  private static final int LONGEST = 400;

  private final List<String> told = new ArrayList<>();
  private int untold;

  void add(Token at, String message) {
    add(at.place(), message);
  }

  void add(Refusal refusal) {
    add(refusal.at(), String.valueOf(refusal.getMessage()));
  }

  void add(String place, String message) {
    if (told.size() < MOST) {
      String cut = message.length() > LONGEST ? message.substring(0, LONGEST) + "..." : message;
      told.add(place + ": " + cut);
    } else {
      untold++;
    }
  }

  boolean isEmpty() {
    return told.isEmpty();
  }

  void check() throws RustImportException {
    if (!told.isEmpty()) {
      List<String> all = new ArrayList<>(told);
      if (untold > 0) {
        all.add("and " + untold + " more");
      }
      throw new RustImportException(all);
    }
  }
}
